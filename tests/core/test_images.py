"""Pictures of strangers: what is taken, and that only pixels remain of it (threat T11)."""

import subprocess
import sys
import time
import zlib

import pytest
from hypothesis import given
from hypothesis import settings as laws
from hypothesis import strategies as st
from PIL import Image, ImageCms

from tests import pictures as make
from toli.core import images
from toli.core.domain import pictures
from toli.core.domain.pictures import Kind, Malformed, UnknownKind, header_of
from toli.core.errors import (
    DomainError,
    PictureBroken,
    PictureKindUnknown,
    PictureMoves,
    PictureTooBig,
    PictureTooHeavy,
)

KINDS = ("JPEG", "PNG", "WEBP")
MEMORY = 300 * 1024  # kilobytes


@pytest.fixture(autouse=True)
def _patient(monkeypatch):
    """A busy machine may take its time over a picture; only the test of the limit has none."""
    monkeypatch.setattr(images, "SECONDS", 120)


class TestWhatIsTaken:
    @pytest.mark.parametrize("kind", KINDS)
    def test_the_three_kinds_become_a_jpeg(self, kind):
        found = images.clean(make.picture(kind))
        seen = make.opened(found.data)
        assert (seen.format, seen.mode, seen.size) == ("JPEG", "RGB", (320, 200))
        assert (found.width, found.height) == seen.size
        assert _near(seen.getpixel((10, 10)), (220, 0, 0))
        assert _near(seen.getpixel((300, 190)), (0, 128, 128))

    def test_the_same_picture_has_the_same_name_always(self):
        assert images.clean(make.picture()).digest == images.clean(make.picture()).digest
        assert images.clean(make.picture()).digest != images.clean(make.picture(colour="navy")).digest

    def test_a_large_picture_becomes_smaller_and_keeps_its_shape(self):
        found = images.clean(make.picture(size=(4000, 2000)))
        assert (found.width, found.height) == (pictures.EDGE, pictures.EDGE // 2)
        assert images.clean(make.picture(size=(1000, 3000)), edge=300).height == 300

    @pytest.mark.parametrize(
        ("mode", "kind"),
        [("L", "JPEG"), ("CMYK", "JPEG"), ("1", "PNG"), ("L", "PNG"), ("LA", "PNG"), ("P", "PNG"), ("RGBA", "PNG"),
         ("I;16", "PNG"), ("RGBA", "WEBP")],
    )  # fmt: skip
    def test_pictures_of_every_mode(self, mode, kind):
        image = Image.new("RGB", (64, 64), (204, 204, 204)).convert("L" if mode == "I;16" else mode)
        if mode == "I;16":
            image = Image.new("I;16", (64, 64), 204 * 257)
        seen = make.opened(images.clean(make.saved(image, kind)).data)
        assert seen.mode == "RGB"
        assert mode == "1" or _near(seen.getpixel((30, 30)), (204, 204, 204))

    @pytest.mark.parametrize("kind", ["PNG", "WEBP"])
    def test_what_is_seen_through_is_white(self, kind):
        clear = Image.new("RGBA", (64, 64), (0, 0, 0, 0))
        assert _near(make.opened(images.clean(make.saved(clear, kind)).data).getpixel((5, 5)), (255, 255, 255))

    def test_a_palette_with_a_clear_colour(self):
        image = Image.new("P", (64, 64), 0)
        image.putpalette([0, 0, 0, 0, 200, 0])
        image.paste(1, (0, 0, 32, 32))
        seen = make.opened(images.clean(make.saved(image, "PNG", transparency=0)).data)
        assert _near(seen.getpixel((60, 60)), (255, 255, 255))
        assert _near(seen.getpixel((5, 5)), (0, 200, 0))

    @pytest.mark.parametrize(("orientation", "corner"), [
        (1, (0, 0)), (2, (1, 0)), (3, (1, 1)), (4, (0, 1)), (5, (0, 0)), (6, (1, 0)), (7, (1, 1)), (8, (0, 1)),
    ])  # fmt: skip
    @pytest.mark.parametrize("kind", KINDS)
    def test_the_telephone_was_turned(self, kind, orientation, corner):
        found = images.clean(make.picture(kind, exif=make.exif(orientation)))
        assert (found.width, found.height) == ((320, 200) if orientation < 5 else (200, 320))
        spot = (4 + corner[0] * (found.width - 9), 4 + corner[1] * (found.height - 9))
        assert _near(make.opened(found.data).getpixel(spot), (220, 0, 0)), "the red corner"

    @pytest.mark.parametrize("kind", KINDS)
    def test_colours_stay_as_they_were_meant(self, kind):
        """A profile is applied before it is dropped: here one in which what is written as red means blue."""
        plain = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
        swapped = plain.replace(b"rXYZ", b"tXYZ", 1).replace(b"bXYZ", b"rXYZ", 1).replace(b"tXYZ", b"bXYZ", 1)
        for profile, corner in ((plain, (220, 0, 0)), (swapped, (0, 0, 220))):
            seen = make.opened(images.clean(make.picture(kind, icc_profile=profile)).data)
            assert _near(seen.getpixel((10, 10)), corner)

    def test_a_profile_that_does_not_fit_is_left_out(self):
        lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
        for profile in (lab, b"nonsense", lab[:200]):
            seen = make.opened(images.clean(make.picture(icc_profile=profile)).data)
            assert _near(seen.getpixel((10, 10)), (220, 0, 0))

    def test_notes_that_cannot_be_read_do_no_harm(self):
        assert images.clean(make.picture(exif=b"Exif\0\0MM\0*\xff\xff\xff\xff" + b"\xff" * 40)).width == 320

    def test_two_pictures_in_one_file_of_a_telephone(self):
        first, second = Image.new("RGB", (64, 64), "red"), Image.new("RGB", (64, 64), "blue")
        both = make.saved(first, "MPO", save_all=True, append_images=[second])
        assert _near(make.opened(images.clean(both).data).getpixel((30, 30)), (254, 0, 0))

    def test_a_crowded_picture_still_fits_into_a_preview(self):
        noise = Image.effect_noise((1280, 1280), 90).convert("RGB")
        assert len(images.clean(make.saved(noise, "PNG")).data) < 900_000
        drawn = Image.radial_gradient("L").resize((1280, 1280)).convert("RGB")
        assert len(images.clean(make.saved(drawn, "PNG")).data) < 500_000


class TestNothingButPixelsRemains:
    FILES = {
        "jpeg": make.jpeg_with_everything,
        "png": make.png_with_everything,
        "webp": make.webp_with_everything,
        "jpeg and something behind it": lambda: make.picture() + make.SECRET,
        "png and something behind it": lambda: make.picture("PNG") + b"<script>" + make.SECRET,
        "webp and something behind it": lambda: make.picture("WEBP") + make.SECRET,
        "jpeg that is an archive too": lambda: make.picture() + b"PK\x03\x04" + make.SECRET,
        "jpeg that is a page too": lambda: make.into_jpeg(make.picture(), 0xFE, b"<html><script>" + make.SECRET),
        "small picture inside": lambda: make.picture(exif=_with_small_picture()),
    }

    @pytest.mark.parametrize("name", FILES)
    def test_the_canary_is_gone(self, name):
        sent = self.FILES[name]()
        assert make.SECRET in sent or make.SECRET in _unpacked(sent), "else the test proves nothing"
        kept = images.clean(sent).data
        assert make.SECRET not in kept
        assert make.SECRET.decode().encode("utf-16-le") not in kept
        assert make.SECRET.decode().encode("utf-16-be") not in kept

    @pytest.mark.parametrize("name", FILES)
    def test_no_reader_finds_a_note(self, name):
        seen = make.opened(images.clean(self.FILES[name]()).data)
        assert not dict(seen.getexif())
        assert not seen.getexif().get_ifd(0x8825)
        assert not seen.getxmp()
        assert set(seen.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density", "progressive", "progression"}
        assert [marker for marker, _body in seen.applist] == ["APP0"]

    def test_the_control_the_readers_do_find_them_before(self):
        before = make.opened(make.jpeg_with_everything())
        assert before.getexif().get_ifd(0x8825)
        assert before.info["comment"] == make.SECRET
        assert make.CANARY in str(before.getxmp())

    def test_what_is_clean_stays_clean(self):
        once = images.clean(make.jpeg_with_everything())
        again = images.clean(once.data)
        assert (again.width, again.height) == (once.width, once.height)


class TestWhatIsRefused:
    @pytest.mark.parametrize(
        "data",
        [
            b"", b"x", b"GIF89a" + b"\0" * 100, make.moving("GIF"), b"<svg xmlns='http://www.w3.org/2000/svg'/>",
            b"<!DOCTYPE html><script>alert(1)</script>", b"%PDF-1.7", b"PK\x03\x04", b"\0\0\0\x1cftypavif",
            b"\0\0\0\x18ftypheic", b"BM" + b"\0" * 60, b"II*\0" + b"\0" * 60, b"\xef\xbb\xbf<svg/>",
            b"RIFF\0\0\0\0WAVEfmt ", b"GIF89a" + make.picture(), b"\n" + make.picture(), b"<!--" + make.picture("PNG"),
            b"%!PS-Adobe-3.0 EPSF-3.0", b"8BPS", b"\x00\x00\x01\x00icon",
        ],
    )  # fmt: skip
    def test_other_kinds_whatever_they_are_called(self, data):
        with pytest.raises(PictureKindUnknown):
            images.clean(data)

    def test_too_many_bytes(self):
        with pytest.raises(PictureTooHeavy, match="10 MB"):
            images.clean(make.picture() + b"\0" * pictures.MOST_BYTES)

    @pytest.mark.parametrize("kind", ["PNG", "WEBP"])
    def test_pictures_that_move(self, kind):
        with pytest.raises(PictureMoves):
            images.clean(make.moving(kind))

    def test_pictures_that_move_and_do_not_say_so(self):
        """The flag in the header is cleared; the frames are there."""
        data = bytearray(make.moving("WEBP"))
        data[20] &= ~0x02
        with pytest.raises((PictureMoves, PictureBroken)):
            images.clean(bytes(data))

    @pytest.mark.parametrize(
        "data",
        [
            make.png_that_says(50_000, 50_000), make.png_that_says(2**31 - 1, 2**31 - 1),
            make.png_that_says(2**32 - 1, 1), make.png_that_says(5001, 5000), make.jpeg_that_says(65_535, 65_535),
            make.jpeg_that_says(20_001, 1), make.webp_that_says(2**24, 2**24), make.webp_that_says(16_383, 16_383),
        ],
    )  # fmt: skip
    def test_more_pixels_than_are_decoded(self, data, monkeypatch):
        monkeypatch.setattr(images, "_drawn", _never)
        with pytest.raises(PictureTooBig):
            images.clean(data)

    def test_a_bomb_is_refused_before_it_is_decoded(self, monkeypatch):
        monkeypatch.setattr(images, "_drawn", _never)
        bomb = make.png_bomb(12_000)
        assert len(bomb) < 1_000_000  # of 576 million when it is unpacked
        began = time.thread_time()
        with pytest.raises(PictureTooBig):
            images.clean(bomb)
        assert time.thread_time() - began < 1

    @pytest.mark.parametrize("kind", KINDS)
    @pytest.mark.parametrize("part", [0.02, 0.1, 0.5, 0.9])
    def test_a_picture_that_was_cut_off(self, kind, part):
        data = make.picture(kind, size=(500, 500))
        with pytest.raises((PictureBroken, PictureKindUnknown)):
            images.clean(data[: int(len(data) * part)])

    @pytest.mark.parametrize(
        "data",
        [
            make.png_that_says(0, 10), make.png_that_says(10, 0), make.png_that_says(100, 100),
            make.jpeg_that_says(0, 0), make.jpeg_that_says(10, 0), b"\xff\xd8\xff", b"\xff\xd8\xff\xd9",
            b"\xff\xd8\xff\xe0\0\0", b"\xff\xd8\xff" + b"\xff" * 5000, b"\x89PNG\r\n\x1a\n", b"RIFF\0\0\0\0WEBP",
            b"RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0", b"RIFF\xff\xff\xff\xffWEBPJUNK" + b"\0" * 50,
            make.into_jpeg(make.picture(), 0xC0, b"\x08\0\x10\0\x10\x03\x01\x11\0\x02\x11\0\x03\x11\0"),
            make.picture("PNG").replace(b"IDAT", b"IXAT"), make.webp_that_says(3000, 3000),
        ],
    )  # fmt: skip
    def test_headers_that_contradict_themselves(self, data):
        with pytest.raises(PictureBroken):
            images.clean(data)

    def test_every_refusal_is_a_sentence_for_people(self):
        for data in (b"", b"\xff\xd8\xff", make.moving("PNG"), make.png_that_says(9000, 9000)):
            with pytest.raises(DomainError) as caught:
                images.clean(data)
            assert str(caught.value).endswith(".")
            assert "%" not in str(caught.value)


class TestDamage:
    """Whatever happened to a file, somebody gets a picture or a sentence."""

    WHOLE = (*(make.picture(kind, size=(64, 48)) for kind in KINDS), make.jpeg_with_everything())

    @laws(max_examples=60)
    @given(st.sampled_from(WHOLE), st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), max_size=6))
    def test_some_bytes_are_others(self, data, changes):
        damaged = bytearray(data)
        for place, byte in changes:
            damaged[place % len(damaged)] = byte
        try:
            found = images.clean(bytes(damaged))
        except DomainError as error:
            assert error.kind == "invalid"
            return
        assert make.opened(found.data).size == (found.width, found.height)

    @pytest.mark.parametrize("size", [(1, 1), (20_000, 1), (1, 20_000), (1281, 2)])
    def test_pictures_of_odd_shapes(self, size):
        found = images.clean(make.saved(Image.new("RGB", size), "PNG"))
        assert max(found.width, found.height) <= pictures.EDGE
        assert min(found.width, found.height) >= 1

    @pytest.mark.parametrize(
        "data",
        [b"\xff\xd8" + b"\xff" * (pictures.MOST_BYTES - 2), b"\xff\xd8" + b"\xff\xee\0\2" * 2_600_000,
         b"\xff\xd8" + b"\xff\xd0" * 5_000_000, make.picture("PNG")[:33] + make.png_chunk(b"teXt", b"") * 870_000],
    )  # fmt: skip
    def test_headers_made_to_keep_us_busy(self, data):
        began = time.process_time()
        with pytest.raises(PictureBroken):
            images.clean(data[: pictures.MOST_BYTES])
        assert time.process_time() - began < 1


class TestTheHeaders:
    @laws(max_examples=60)
    @given(
        st.sampled_from(KINDS), st.integers(1, 700), st.integers(1, 700), st.sampled_from(["RGB", "L"]), st.booleans()
    )
    def test_they_say_what_a_decoder_finds(self, kind, width, height, mode, other):
        options = {"JPEG": {"progressive": other}, "PNG": {}, "WEBP": {"lossless": other}}[kind]
        found = header_of(make.saved(Image.new(mode, (width, height)), kind, **options))
        assert (found.kind.upper(), found.width, found.height, found.moving) == (kind, width, height, False)

    @laws(max_examples=300)
    @given(st.sampled_from([b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF\0\0\0\0WEBP"]), st.binary(max_size=200))
    def test_bytes_by_chance_are_a_header_or_refused(self, start, rest):
        try:
            found = header_of(start + rest)
        except (UnknownKind, Malformed):
            return
        assert found.kind in Kind
        assert found.width > 0 < found.height

    def test_an_extended_webp_tells_its_canvas(self):
        image = Image.new("RGBA", (321, 123), (1, 2, 3, 4))
        found = header_of(make.saved(image, "WEBP", exif=make.exif().tobytes()))
        assert (found.width, found.height) == (321, 123)


class TestTheOtherProcess:
    @pytest.mark.parametrize(
        ("kind", "size", "options"),
        [("PNG", (5000, 5000), {"compress_level": 1}), ("JPEG", (6300, 6300), {"progressive": True, "subsampling": 0}),
         ("WEBP", (4000, 4000), {"method": 0})],
    )  # fmt: skip
    def test_the_largest_picture_fits_into_the_memory_we_give(self, kind, size, options):
        image = Image.linear_gradient("L").resize(size).convert("RGBA" if kind == "PNG" else "RGB")
        used, code = _memory_of(make.saved(image, kind, **options), 40_000_000)
        assert code == 0
        assert used < MEMORY

    def test_it_gives_up_rather_than_take_more(self):
        """The header check is left out: the limit of the process holds by itself."""
        used, code = _memory_of(make.png_bomb(17_000), 10**9)
        assert code != 0
        assert used < 4 * MEMORY

    def test_it_knows_nothing_of_ours(self, tmp_path, monkeypatch):
        """No environment, no working directory, no package of ours."""
        monkeypatch.setenv("TOLI_DATABASE_URL", "postgresql://user:secret@host/x")
        spy = tmp_path / "spy.py"
        spy.write_text(
            "import os, sys\n"
            "assert 'TOLI_DATABASE_URL' not in os.environ and os.getcwd() == '/'\n"
            "import importlib.util\nassert not [p for p in sys.path if p.endswith('/core')]\n"
            "sys.exit(3)\n"
        )
        monkeypatch.setattr(images, "_PROGRAM", str(spy))
        with pytest.raises(PictureMoves):  # what 3 means: all its assertions held
            images.clean(make.picture())

    @pytest.mark.parametrize(
        ("act", "said"),
        [("open('/etc/passwd')", "24"), ("__import__('socket').socket()", "24"), ("open('/dev/null', 'w')", "24"),
         ("__import__('os').pipe()", "24"), ("bytes(2 * 1024**3)", "MemoryError"),
         ("__import__('subprocess').run(['/bin/true'])", "24"), ("None", "nothing")],
    )  # fmt: skip
    def test_whoever_takes_it_over_can_open_nothing(self, act, said):
        """Errno 24: no descriptor is left."""
        spy = (
            f"import runpy, socket, subprocess\nrunpy.run_path({images._PROGRAM!r})['confine']()\n"
            f"try:\n    {act}\n    print('nothing')\n"
            "except OSError as error:\n    print(error.errno)\nexcept MemoryError:\n    print('MemoryError')\n"
        )
        done = subprocess.run([sys.executable, "-I", "-c", spy], capture_output=True, text=True, env={}, check=False)
        assert done.stdout.strip() == said, done.stderr

    def test_one_that_does_not_end_is_ended(self, tmp_path, monkeypatch):
        slow = tmp_path / "slow.py"
        slow.write_text("import time\ntime.sleep(60)\n")
        monkeypatch.setattr(images, "_PROGRAM", str(slow))
        monkeypatch.setattr(images, "SECONDS", 1)
        began = time.monotonic()
        with pytest.raises(PictureBroken):
            images.clean(make.picture())
        assert time.monotonic() - began < 50

    @pytest.mark.parametrize("said", [b"", b"<script>", make.picture("PNG"), make.picture(size=(2000, 20))])
    def test_it_is_not_believed(self, said, tmp_path, monkeypatch):
        liar = tmp_path / "liar.py"
        liar.write_text(f"import sys\nsys.stdin.buffer.read()\nsys.stdout.buffer.write({said!r})\n")
        monkeypatch.setattr(images, "_PROGRAM", str(liar))
        with pytest.raises(PictureBroken):
            images.clean(make.picture())


def _near(colour, wanted):
    return all(abs(one - other) < 12 for one, other in zip(colour, wanted, strict=True))


def _with_small_picture():
    """A preview inside the notes, as cameras write it."""
    found = make.exif()
    found[0x9C9C] = make.CANARY.encode("utf-16-le")
    return found


def _unpacked(data):
    """Texts of a PNG that are packed."""
    at = data.find(b"zTXt")
    return zlib.decompress(data[at + 13 :]) if at > 0 else b""


def _never(*_arguments):
    raise AssertionError("it was decoded")


MEASURE = """
import resource, subprocess, sys
data = sys.stdin.buffer.read()
done = subprocess.run(sys.argv[1:], input=data, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={})
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, done.returncode)
"""


def _memory_of(data, most_pixels):
    """The most memory (kilobytes) that the process used, and its exit code; measured from a small process, since
    what a process is started from counts as its own."""
    program = [sys.executable, "-I", images._PROGRAM, str(pictures.EDGE), str(most_pixels)]
    said = subprocess.run([sys.executable, "-I", "-c", MEASURE, *program], input=data, capture_output=True, check=True)
    return tuple(int(word) for word in said.stdout.split())
