#!/usr/bin/python3
"""A picture of a terminal: what a program printed, on standard input, becomes an SVG on standard output.

    script -qec 'make demo' demo.txt; hack/terminal-svg.py [title] <demo.txt >docs/demo.svg

Understands what our scripts send to a terminal: a line that is written again, and one that is cleared. Colours are left out.
"""
import re
import sys
from xml.sax.saxutils import escape

WIDTH, LINE, FONT, MARGIN = 100, 18, 13, 16


def screen(text):
    """The lines as they stand at the end."""
    lines, row = [""], 0
    for piece in re.findall(r"\x1b\[(?:\??[0-9;]*)[A-Za-z]|\r\n|\n|\r|[^\x1b\r\n]+", text):
        if piece in ("\n", "\r\n"):
            row += 1
            if row == len(lines):
                lines.append("")
        elif piece == "\r" or piece.endswith("K"):
            lines[row] = ""
        elif piece.endswith("A"):
            row = max(0, row - int(piece[2:-1] or 1))
        elif not piece.startswith("\x1b"):
            lines[row] += piece
    return [line.rstrip()[:WIDTH] for line in lines]


def main():
    title = sys.argv[1] if len(sys.argv) > 1 else ""
    lines = screen(sys.stdin.read())
    while lines and not lines[-1]:
        lines.pop()
    width, height = MARGIN * 2 + int(WIDTH * FONT * 0.602), MARGIN * 2 + LINE * (len(lines) + 2)
    print(f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" role="img" aria-label="{escape(title)}">')
    print(f'<rect width="{width}" height="{height}" rx="8" fill="#16181d"/>')
    for i, colour in enumerate(("#ff5f57", "#febc2e", "#28c840")):
        print(f'<circle cx="{MARGIN + 6 + 20 * i}" cy="{MARGIN + 4}" r="6" fill="{colour}"/>')
    print(f'<text x="{width // 2}" y="{MARGIN + 9}" fill="#9aa0aa" font-family="sans-serif" font-size="{FONT}" text-anchor="middle">{escape(title)}</text>')
    print(f'<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" font-size="{FONT}" fill="#d7dae0" xml:space="preserve">')
    for i, line in enumerate(lines):
        if line:
            print(f'<text x="{MARGIN}" y="{MARGIN + LINE * (i + 2)}">{escape(line)}</text>')
    print("</g>\n</svg>")


if __name__ == "__main__":
    main()
