from discover.inference.menu import Menu


def test_a_menu_of_single_columns_is_plain():
    assert Menu(((0,), (2,))).is_plain
    assert not Menu(((0, 1), (2,))).is_plain
    assert not Menu(((0,),), forced=(1,)).is_plain


def test_supports_and_choices_are_two_names_of_one_thing():
    menu = Menu(((0, 3), (1,), (5, 4)), forced=(2,))
    assert menu.n_choices == 3
    assert menu.widest == 2
    assert menu.columns == (2, 0, 3, 1, 5, 4)
    for chosen in [(), (0,), (1, 2), (0, 1, 2)]:
        support = menu.support(chosen)
        assert list(support) == sorted(support)
        assert 2 in support
        assert menu.chosen(support) == chosen
