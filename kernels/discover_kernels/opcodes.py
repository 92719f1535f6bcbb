"""The numbers of the operators: what a tape and a compiled program are written in.

They are the only thing that the compiled floor and the operator table share. Text and files never
carry them, so they may be renumbered at will.
"""

VARIABLE = 0
CONSTANT = 1
ADD = 2
SUB = 3
MUL = 4
DIV = 5
NEG = 6
IPOW = 7
POW = 8
SQUARE = 9
CUBE = 10
SQRT = 11
CBRT = 12
INV = 13
ABS = 14
EXP = 15
LOG = 16
SIN = 17
COS = 18
TAN = 19
ASIN = 20
ACOS = 21
ATAN = 22
SINH = 23
COSH = 24
TANH = 25
D = 26
