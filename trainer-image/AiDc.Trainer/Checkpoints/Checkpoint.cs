using System.Globalization;
using System.Text.RegularExpressions;
using AiDc.Trainer.Tensors;
using AiDc.Trainer.Training;

namespace AiDc.Trainer.Checkpoints;

/// <summary>Everything needed to go on with a run, in managed memory.</summary>
/// <param name="Model">Parameters and buffers.</param>
/// <param name="Optimizer">The optimizer's state.</param>
/// <param name="Best">The model at the epoch with the lowest validation loss, when early stopping asks for it.</param>
public sealed record Checkpoint(
    TrainingState State,
    IReadOnlyList<HostTensor> Model,
    IReadOnlyList<HostTensor> Optimizer,
    IReadOnlyList<HostTensor>? Best);

/// <summary>manifest.json, written last: a folder without it is not a checkpoint.</summary>
public sealed record CheckpointManifest(
    int FormatVersion, int Generation, long Step, DateTimeOffset CreatedAt, IReadOnlyDictionary<string, CheckpointManifest.Entry> Files)
{
    public const string FileName = "manifest.json";

    /// <param name="Sha256">In lower-case hex.</param>
    public sealed record Entry(long Bytes, string Sha256);
}

/// <summary>
/// A checkpoint's folder: <c>g2-s1500-3fa9c1d2</c>. The generation is the attempt that wrote it, so that a writer that was given up but
/// still lives never outranks its successor.
/// </summary>
public sealed partial record CheckpointName(int Generation, long Step, string Uid)
{
    public static CheckpointName? Parse(string folder)
    {
        var match = Pattern().Match(folder);
        return match.Success
            && int.TryParse(match.Groups[1].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var generation)
            && long.TryParse(match.Groups[2].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var step)
                ? new(generation, step, match.Groups[3].Value)
                : null;
    }

    /// <summary>The one to resume from comes first.</summary>
    public static IOrderedEnumerable<CheckpointName> NewestFirst(IEnumerable<CheckpointName> names) => names
        .OrderByDescending(n => n.Generation)
        .ThenByDescending(n => n.Step)
        .ThenByDescending(n => n.Uid, StringComparer.Ordinal);

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"g{Generation}-s{Step}-{Uid}");

    [GeneratedRegex("^g([0-9]+)-s([0-9]+)-([0-9a-z]+)$")]
    private static partial Regex Pattern();
}
