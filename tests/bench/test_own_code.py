"""Figures that are shipped belong to the kernels that are shipped."""

from kmeans_core.bench.measuring.own_code import statements

KERNEL = '''
"""What it is for."""

def double(values):
    """Twice each."""
    for i in range(len(values)):  # in place
        values[i] = values[i] * 2
'''


def test_words_and_line_breaks_do_not_count():
    other_words = KERNEL.replace("What it is for.", "Another reason.").replace("in place", "here")
    assert statements(other_words.replace("values[i] * 2", "(\n    values[i] * 2\n)")) == statements(KERNEL)
    assert statements(KERNEL.replace('    """Twice each."""\n', "")) == statements(KERNEL)


def test_what_is_computed_does():
    assert statements(KERNEL.replace("* 2", "* 3")) != statements(KERNEL)
    assert statements(KERNEL.replace("range(len(values))", "range(1, len(values))")) != statements(KERNEL)
