using System.Globalization;
using AiDc.Api.V1Alpha1;

namespace AiDc.Operator.Training.Jobs;

/// <summary>Indexes of workers as one short text, as a Job's completedIndexes has them: <c>0-2,5</c>.</summary>
public static class IndexRanges
{
    /// <summary>Null for none.</summary>
    public static string? Format(IEnumerable<int> indexes)
    {
        var ranges = new List<(int From, int To)>();
        foreach (var index in indexes.Order())
        {
            if (ranges.Count > 0 && ranges[^1].To >= index - 1) ranges[^1] = (ranges[^1].From, index);
            else ranges.Add((index, index));
        }
        return ranges.Count == 0 ? null
            : string.Join(',', ranges.Select(r => r.From == r.To ? Text(r.From) : $"{Text(r.From)}-{Text(r.To)}"));
    }

    /// <summary>What is no range, or none that a gang can have, is left out: a status may have been edited by hand.</summary>
    public static HashSet<int> Parse(string text)
    {
        var indexes = new HashSet<int>();
        foreach (var range in text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var ends = range.Split('-');
            if (ends.Length > 2 || Number(ends[0]) is not { } from || Number(ends[^1]) is not { } to) continue;
            for (var i = from; i <= to && i < WorkersSpec.MaxReplicas; i++) indexes.Add(i);
        }
        return indexes;
    }

    private static int? Number(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
