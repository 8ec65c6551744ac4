using AiDc.Trainer.Distributed;
using AiDc.Trainer.Hosting;
using AiDc.Trainer.Reporting;
using AiDc.Trainer.Storage;

namespace AiDc.Trainer.Training;

/// <summary>What a run gets from the outside besides its options.</summary>
/// <param name="NewUid">A new name each time, of digits and lower-case letters.</param>
/// <param name="ProcessStart">When the process began.</param>
/// <param name="TerminationLog">The file whose content Kubernetes keeps as the container's last word; null for none.</param>
public sealed record TrainerServices(
    IRunLog Log, StopSignal Stop, TimeProvider Time, Func<string> NewUid, DateTimeOffset ProcessStart, string? TerminationLog)
{
    /// <summary>Where folders are opened; of itself without settings for S3.</summary>
    public StorageFolders Storage { get; init; } = new(_ => null);

    /// <summary>namespace/name of the job that this process works for; null where there is none.</summary>
    public string? Job { get; init; }

    /// <summary>Waits between attempts to read or write what a moment later may be read or written.</summary>
    public IReadOnlyList<TimeSpan> Retries { get; init; } = StorageRetries.Usual;

    /// <summary>Where the groups come from that this process trains in; null: it trains by itself.</summary>
    internal IRankGroups? Groups { get; init; }
}
