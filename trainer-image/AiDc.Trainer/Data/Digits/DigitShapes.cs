using System.Numerics;

namespace AiDc.Trainer.Data.Digits;

/// <summary>
/// How people write the digits: for each a few styles, for each style its pen strokes, for each stroke the points that the
/// pen passes in a box with x to the right and y down, both from 0 to 1. Strokes are smooth; a corner is the end of one
/// stroke and the start of the next.
/// </summary>
internal static class DigitShapes
{
    /// <summary>[digit][style][stroke][point].</summary>
    public static readonly Vector2[][][][] Styles = [.. new[]
    {
        // 0: round, narrow with the pen running past its start, open at the top
        new[]
        {
            "55,4 30,10 14,34 12,60 26,90 50,97 76,86 88,60 84,30 70,9 52,5",
            "60,6 36,12 24,40 24,66 36,94 56,94 74,70 76,40 66,14 48,4 38,10",
            "70,10 42,4 20,26 12,56 22,88 48,98 78,84 90,52 82,22 60,10",
        },
        // 1: a bar, with a flag, with a flag and a foot
        ["50,2 50,50 49,98", "32,22 46,12 54,2|54,2 53,50 52,98", "28,26 44,14 52,3|52,3 52,50 51,94|28,96 50,95 76,96"],
        // 2: corner at the foot, looped foot, flat foot under a wide arch
        [
            "16,26 26,8 50,2 74,10 80,30 68,54 42,78 14,96|14,96 50,95 88,94",
            "18,24 34,5 62,6 74,26 62,52 38,80 20,92 12,84 24,76 46,86 66,96 88,88",
            "12,30 20,12 44,3 70,6 84,24 74,48 46,70 20,86 10,97|10,97 46,93 90,97",
        ],
        // 3: two bows, flat top, bows meeting in a loop
        [
            "18,14 40,3 68,6 76,24 62,42 40,48|40,48 70,52 84,72 72,92 44,98 16,88",
            "16,5 50,4 82,5|82,5 62,24 44,42|44,42 72,48 84,68 70,92 40,98 14,86",
            "20,16 44,4 72,10 72,32 52,46 38,44 44,40 68,50 82,70 66,94 36,98 14,82",
        ],
        // 4: open, closed, open with a slanted stem
        [
            "26,4 20,28 14,56|14,56 50,56 88,54|70,6 68,50 66,98",
            "66,3 40,32 10,64|10,64 50,65 92,63|66,3 66,50 65,98",
            "32,6 26,30 22,54 46,60 82,50|80,8 70,52 56,98",
        ],
        // 5: hat apart, in one go, angular
        [
            "26,6 24,24 22,44|22,44 48,36 76,48 84,70 70,92 42,98 14,88|26,6 54,6 84,4",
            "84,8 56,6 30,8 26,28 22,44 52,40 80,56 78,80 54,97 18,92",
            "80,4 54,5 28,5|28,5 24,24 20,45|20,45 52,42 80,58 76,84 48,97 14,94",
        ],
        // 6: round, straight stem, curled
        [
            "72,6 46,16 24,42 16,70 30,94 56,96 78,82 76,60 54,50 30,58 18,72",
            "62,2 40,30 22,60 20,84 42,98 68,92 76,72 60,58 38,64 22,80",
            "78,14 60,3 34,18 18,50 16,80 40,98 72,90 82,68 64,50 36,54 20,70",
        ],
        // 7: plain, with a serif, with a bar
        [
            "12,8 48,6 86,6|86,6 64,38 44,98",
            "14,22 14,8|14,8 50,8 86,5|86,5 70,34 54,62 46,98",
            "14,8 50,6 84,6|84,6 60,44 40,98|30,52 52,50 76,48",
        ],
        // 8: one line, two rings, narrow one line
        [
            "74,16 52,3 26,10 26,32 50,48 76,66 74,90 48,98 22,88 24,66 50,48 74,32 76,14 62,4",
            "50,3 28,12 28,34 50,46 72,34 72,12 50,3|50,46 22,60 18,84 48,98 80,84 78,60 50,46",
            "66,12 48,4 34,16 42,38 58,56 68,80 52,97 34,86 38,64 56,44 68,24 62,8",
        ],
        // 9: straight stem, curved tail, round with a hooked tail
        [
            "76,20 54,5 26,14 18,38 36,52 62,44 76,20|76,20 74,56 70,98",
            "78,22 56,4 28,10 20,34 40,50 66,40 78,18 78,54 62,84 32,97",
            "74,28 70,8 44,3 22,20 24,44 50,50 72,32 76,14|76,14 78,50 70,84 44,98 22,88",
        ],
    }.Select(styles => styles.Select(Parse).ToArray())];

    private static Vector2[][] Parse(string style) =>
        [.. style.Split('|').Select(stroke => stroke.Split(' ').Select(Point).ToArray())];

    private static Vector2 Point(string point)
    {
        var comma = point.IndexOf(',', StringComparison.Ordinal);
        return new Vector2(int.Parse(point.AsSpan(0, comma)), int.Parse(point.AsSpan(comma + 1))) / 100f;
    }
}
