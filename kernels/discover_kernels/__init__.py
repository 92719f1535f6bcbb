"""The compiled floor: arrays in, arrays out. It knows numpy and numba, and no object, file or policy."""
