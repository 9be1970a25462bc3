"""`quantize`: picture files in, pictures of few colors out."""

import argparse
import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kmeans_core.commands.batch import quantize_batch
from kmeans_core.commands.extras import check_installed
from kmeans_core.commands.options import add_settings, read_settings
from kmeans_core.commands.parsing import IterationLine, number, parse_target, read_file, whole_numbers
from kmeans_core.commands.writing import check_output_path, names_folder, write_file
from kmeans_core.errors import OptionError, OutputError
from kmeans_core.images.options import QuantizeOptions

if TYPE_CHECKING:
    from kmeans_core.images.encoding import EncodedPicture
    from kmeans_core.images.perceptual_quality import PerceptualQuality
    from kmeans_core.images.picture import Picture
    from kmeans_core.images.report import QuantizeReport


def add_command(commands: Any) -> None:
    command = commands.add_parser("quantize", help="reduce pictures to k colors")
    command.set_defaults(run=_quantize, kept="nothing written")
    command.add_argument("input", metavar="IN", nargs="+", help="pictures: anything that Pillow reads")
    command.add_argument(
        "--colors", type=whole_numbers, metavar="K", help="how many colors, 1 to 256; or several: 8,16,32"
    )
    command.add_argument(
        "--output",
        metavar="OUT",
        help="the .png (indexed), .webp (lossless) or .gif to write, or a folder for several (default: "
        "NAME-K-colors in this folder, as .png, or with all its frames as .gif or .webp, as it came)",
    )
    command.add_argument("--optimize", action="store_true", help="make the PNG smaller, by oxipng")
    command.add_argument(
        "--target",
        type=parse_target,
        metavar="T",
        help="find the number of colors: psnr=35 (dB), delta-e=2 (mean CIEDE2000) or bytes=100000",
    )
    command.add_argument(
        "--apply", metavar="FILE", help="use the colors of this palette file instead of searching for some"
    )
    command.add_argument(
        "--frames",
        choices=("all", "first"),
        default="all",
        help="of one animated GIF, PNG or WebP: all frames in one palette, or the first alone (default: all)",
    )
    command.add_argument("--shared", action="store_true", help="one palette for all the pictures")
    command.add_argument(
        "--palette",
        metavar="FILE",
        help="also write the palette; the ending selects the format: .json, .css, .scss, .tailwind.css, "
        ".hex.txt, .gpl, .ase, .aco, .act, .png, .mpl.py, .plotly.py",
    )
    add_settings(command, QuantizeOptions, without=("n_colors",))
    command.add_argument(
        "--max-megapixels", type=number, default=50.0, metavar="M", help="largest picture (default: 50)"
    )
    command.add_argument(
        "--measures",
        action="store_true",
        help="also compute color difference (CIEDE2000) and structural similarity (SSIM); takes seconds for "
        "large pictures",
    )
    command.add_argument("--json", action="store_true", help="print one JSON object")


def _quantize(options: argparse.Namespace) -> int:
    _check(options)
    if options.measures:
        check_installed("pictures", "scipy")
    settings = read_settings(options, QuantizeOptions, without=("n_colors",))
    into_folder = options.output is not None and names_folder(options.output)
    if len(options.input) > 1 or len(options.colors or ()) > 1 or options.shared or into_folder:
        return quantize_batch(options, settings)
    return _quantize_one(options, settings)


def _check(options: argparse.Namespace) -> None:
    """Checks that exactly one option says how many colors."""
    given = [name for name in ("colors", "target", "apply") if getattr(options, name) is not None]
    if not given:
        raise OptionError("the following arguments are required: --colors (or --target or --apply instead)")
    if options.apply is not None and options.locked:
        raise OptionError("--apply and --locked both say which colors to keep; give one of them.")
    if len(given) > 1:
        first, second = given[:2]
        raise OptionError(f"--{first} and --{second} both say how many colors; give one of them.")


def _quantize_one(options: argparse.Namespace, settings: QuantizeOptions) -> int:
    from kmeans_core.images.encoding import IMAGE_SUFFIXES, image_bytes
    from kmeans_core.images.palette import hex_of
    from kmeans_core.images.palette_files import palette_bytes
    from kmeans_core.images.palette_reading import read_palette
    from kmeans_core.images.perceptual_quality import measure_perceptual_quality
    from kmeans_core.images.picture import load_picture

    source = options.input[0]
    n_colors = options.colors[0] if options.colors else 0
    palette_notes: tuple[str, ...] = ()
    if options.apply is not None:
        given = read_palette(read_file(options.apply), options.apply)
        settings = replace(settings, locked=tuple(hex_of(color) for color in given.colors))
        n_colors, palette_notes = len(given.colors), given.notes
    settings = replace(settings, n_colors=n_colors)
    is_animated = options.frames == "all" and _is_animated(options)
    output_path, file_format = _target_of(options, n_colors, is_animated=is_animated)
    palette_path, palette_kind = _palette_target_of(options, output_path)
    if is_animated:
        data, report = _made_frames(options, settings, file_format)
        write_file(output_path, data)
        if palette_path is not None:
            write_file(palette_path, palette_bytes(report.palette, palette_kind, Path(source).name))
        _print(options, output_path, report.with_notes(palette_notes))
        return 0
    picture = load_picture(source, max_megapixels=options.max_megapixels)
    encoded = _made(picture, options, settings, file_format)
    if options.target is not None and options.output is None:
        file_name = f"{Path(source).stem}-{encoded.report.n_colors}-colors.png"
        output_path = check_output_path(file_name, IMAGE_SUFFIXES, source)
    data = image_bytes(encoded.png, file_format)
    write_file(output_path, data)
    if palette_path is not None:
        write_file(palette_path, palette_bytes(encoded.palette, palette_kind, Path(source).name))
    report = encoded.report.with_size(len(data)).with_notes(palette_notes)
    perceptual = (
        measure_perceptual_quality(picture, encoded.palette.colors, encoded.indices())
        if options.measures
        else None
    )
    _print(options, output_path, report, perceptual)
    return 0


def _is_animated(options: argparse.Namespace) -> bool:
    """Whether the input has several frames, which all are to be reduced. Raises OptionError for an option
    that is for still pictures."""
    from kmeans_core.images.animation import count_frames

    source = options.input[0]
    n_frames = count_frames(source, max_megapixels=options.max_megapixels)
    if n_frames == 1:
        return False
    for name in ("target", "measures", "optimize"):
        if getattr(options, name):
            raise OptionError(
                f"{Path(source).name} has {n_frames:,} frames, and --{name} is for still pictures; leave it "
                "out, or add --frames first."
            )
    return True


def _made_frames(
    options: argparse.Namespace, settings: QuantizeOptions, kind: str
) -> "tuple[bytes, QuantizeReport]":
    from kmeans_core.images.animation import load_animation, quantize_animation
    from kmeans_core.images.animation_files import encode_animation

    animation = load_animation(options.input[0], max_megapixels=options.max_megapixels)
    progress = IterationLine(settings.fit.max_iter)
    try:
        made = quantize_animation(animation, settings, on_iteration=progress.show_iteration)
        return encode_animation(made, kind)
    finally:
        progress.close()


def _print(
    options: argparse.Namespace,
    written: Path,
    report: "QuantizeReport",
    measures: "PerceptualQuality | None" = None,
) -> None:
    if options.json:
        print(json.dumps(_as_json(options.input[0], written, report, measures)))
    else:
        print(_summary(written, report, measures))


def _target_of(options: argparse.Namespace, n_colors: int, *, is_animated: bool) -> tuple[Path, str]:
    """The file to write, and its kind."""
    from kmeans_core.images.encoding import IMAGE_SUFFIXES, image_format_of

    source = options.input[0]
    as_it_came = Path(source).suffix.lower()
    suffix = as_it_came if is_animated and as_it_came in IMAGE_SUFFIXES else ".png"
    given = options.output or f"{Path(source).stem}-{n_colors}-colors{suffix}"
    written = check_output_path(given, IMAGE_SUFFIXES, source)
    kind = image_format_of(given)
    if options.optimize:
        if kind != "png":
            raise OutputError(
                f"--optimize is for PNG, and --output is {written}; name it .png, or leave it out."
            )
        kind = "optimized"
    return written, kind


def _palette_target_of(options: argparse.Namespace, written: Path) -> tuple[Path | None, str]:
    """The palette file to write, if any, and its kind. written: the picture's."""
    from kmeans_core.images.palette_files import palette_format_of

    if options.palette is None:
        return None, ""
    kind = palette_format_of(options.palette)
    suffix = Path(options.palette).suffix.lower()
    target = check_output_path(options.palette, (suffix,), options.input[0], "--palette")
    if target.resolve() == written.resolve():
        raise OutputError(f"--palette and --output both name {written}; give one of them another name.")
    return target, kind


def _made(
    picture: "Picture", options: argparse.Namespace, settings: QuantizeOptions, kind: str
) -> "EncodedPicture":
    from kmeans_core.images.choosing import find_n_colors
    from kmeans_core.images.encoding import encode
    from kmeans_core.images.quantize import quantize_picture

    progress = IterationLine(settings.fit.max_iter)
    try:
        if options.target is None:
            made = quantize_picture(picture, settings, on_iteration=progress.show_iteration)
            return encode(picture, made)
        target, value = options.target
        return find_n_colors(
            picture,
            target,
            value,
            settings,
            kind=kind,
            on_try=lambda number: progress.show(f"trying {number} colors"),
        ).encoded
    finally:
        progress.close()


def _as_json(
    source: str, written: Path, report: "QuantizeReport", measures: "PerceptualQuality | None"
) -> dict[str, Any]:
    found = {"input": source, "output": str(written), **report.to_json()}
    if measures is not None:
        found |= {"delta_e_mean": measures.mean, "delta_e_p95": measures.p95, "ssim": measures.ssim}
    return found


def _summary(written: Path, report: "QuantizeReport", measures: "PerceptualQuality | None") -> str:
    psnr = "exact" if report.is_exact else f"PSNR {report.psnr:.1f} dB"
    ended = "converged" if report.converged else "not converged"
    frames = f"{report.n_frames:,} frames of " if report.n_frames > 1 else ""
    lines = [
        f"{written}: {frames}{report.width}×{report.height}, {report.unique_colors:,} → {report.n_colors} "
        "colors",
        f"MSE {report.mse:,.4g}, {psnr}, {report.n_iter} iterations ({ended}), "
        f"{report.total_seconds:.3f} s with {report.backend}",
    ]
    if measures is not None:
        lines.append(
            f"Color difference (CIEDE2000) {measures.mean:.2f} on average, {measures.p95:.2f} at the 95th "
            f"percentile; SSIM {measures.ssim:.4f}"
        )
    lines += [
        f"{report.input_bytes:,} → {report.output_bytes:,} bytes ({report.compression_ratio:.1f}×)",
        *(
            f"{color.hex}  {100 * color.share:5.1f} %"
            for color in sorted(report.palette.entries, key=lambda color: -color.count)
        ),
        *report.notes,
    ]
    return "\n".join(lines)
