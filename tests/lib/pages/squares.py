"""Reads the squares (QR codes) of printed pages, as the camera of a phone does."""

import subprocess
from pathlib import Path

import zxingcpp
from PIL import Image


def read_squares(pdf: Path) -> list[str]:
    """Return what a reader of squares finds on the pages of a PDF, as printed at 110 dots an inch."""
    subprocess.run(["pdftoppm", "-r", "110", "-gray", "-png", pdf, pdf.with_suffix("")], check=True)
    pages = sorted(pdf.parent.glob(f"{pdf.stem}-*.png"))
    squares = zxingcpp.BarcodeFormat.QRCode  # a line of bars is found in letters now and then
    return [barcode.text for page in pages for barcode in zxingcpp.read_barcodes(Image.open(page), squares)]
