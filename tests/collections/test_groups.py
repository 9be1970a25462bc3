import io

import numpy as np
import pytest
from PIL import Image

from kmeans_core.backends.distributed import SequentialWorkers
from kmeans_core.collections import groups
from kmeans_core.collections.collection import quantize_collection
from kmeans_core.collections.contact_sheet import contact_sheet
from kmeans_core.collections.groups import group_outputs, signature
from kmeans_core.collections.options import CollectionOptions
from kmeans_core.collections.state import OutputFolder
from kmeans_core.errors import OptionError
from kmeans_core.images.options import QuantizeOptions
from tests.collections.pictures import manifest

COLORS = {"red": (200, 30, 30), "green": (30, 160, 40), "blue": (40, 50, 200)}


def png(color, seed=0, spread=25, size=(40, 30)):
    noise = np.random.default_rng(seed).integers(-spread, spread + 1, (*size, 3))
    file = io.BytesIO()
    Image.fromarray(np.clip(noise + color, 0, 255).astype(np.uint8)).save(file, "PNG")
    return file.getvalue()


@pytest.fixture
def folder(tmp_path):
    """5 red, 4 green and 3 blue pictures, mixed."""
    for seed in range(12):
        name = ("red", "green", "blue")[seed % 3] if seed < 9 else ("red", "red", "green")[seed - 9]
        path = tmp_path / "pictures" / f"{seed:02}-{name}.png"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(png(COLORS[name], seed))
    return tmp_path / "pictures"


def test_a_collection_in_groups(folder, tmp_path):
    output = tmp_path / "out"
    (folder / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\nbroken")
    quantize_collection(str(folder), str(output), QuantizeOptions(n_colors=12), CollectionOptions(groups=3))
    expected = {"red": 1, "green": 2, "blue": 3}
    for row in manifest(output):
        color = row["name"][3:].removesuffix(".png")
        assert row["group"] == (None if row["name"] == "broken.png" else expected[color])
    assert len(list((output / "contact-sheets").iterdir())) == 3
    quantize_collection(str(folder), str(output), QuantizeOptions(n_colors=12), CollectionOptions(groups=2))
    assert len(list((output / "contact-sheets").iterdir())) == 2


def test_a_folder_of_that_name(folder, tmp_path):
    (folder / "contact-sheets").mkdir()
    (folder / "contact-sheets" / "x.png").write_bytes(png((0, 0, 0)))
    with pytest.raises(OptionError, match=r"contact-sheets/x\.png would be among the contact-sheets"):
        quantize_collection(str(folder), str(tmp_path / "out"), None, CollectionOptions(groups=3))
    assert not (tmp_path / "out").exists()


def test_found_among_some_of_them(folder, monkeypatch):
    monkeypatch.setattr(groups, "_MAX_FITTED", 6)
    outputs = sorted(path.name for path in folder.iterdir())
    labels = group_outputs(SequentialWorkers(), OutputFolder(str(folder)), outputs, 3)
    assert len({(name[3:], label) for name, label in zip(outputs, labels, strict=True)}) == 3


def test_signatures_follow_what_is_seen():
    near, far = signature(png((200, 40, 40))), signature(png((40, 40, 200)))
    red = signature(png((200, 30, 30)))
    assert np.linalg.norm(red - near) < 0.3 < 1 < np.linalg.norm(red - far)
    assert np.linalg.norm(red) == pytest.approx(1, abs=1e-6)
    # The same picture in another size, and nothing to be seen.
    assert np.linalg.norm(red - signature(png((200, 30, 30), size=(800, 600)))) < 0.1
    hidden = io.BytesIO()
    Image.new("RGBA", (3, 3)).save(hidden, "PNG")
    assert not signature(hidden.getvalue()).any()


def test_contact_sheets_have_all_pictures_and_no_new_color():
    files = [png(color, spread=0, size=(300, 200)) for color in COLORS.values()]
    with Image.open(io.BytesIO(contact_sheet([*files, b""], columns=2))) as sheet:
        assert sheet.size == (2 * 136 + 8, 2 * 136 + 8)
        shown = {color for _, color in sheet.getcolors()}
    assert shown == {*COLORS.values(), (128, 128, 128)}
