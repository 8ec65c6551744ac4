using AiDc.Trainer.Reporting;
using AiDc.Trainer.Storage;

namespace AiDc.Trainer.Checkpoints;

/// <summary>The checkpoint folder of a run: finds the newest valid one, writes new ones, removes old ones.</summary>
/// <param name="folder">Need not exist.</param>
/// <param name="keep">How many valid checkpoints stay; at least 1.</param>
/// <param name="newUid">A new name each time, of digits and lower-case letters.</param>
public sealed class CheckpointStore(IStorageFolder folder, int keep, TimeProvider time, Func<string> newUid)
{
    private readonly HashSet<string> _damaged = new(StringComparer.Ordinal);

    /// <summary>In a folder of a file system.</summary>
    public CheckpointStore(string folder, int keep, TimeProvider time, Func<string> newUid)
        : this(new LocalFolder(folder), keep, time, newUid)
    {
    }

    /// <summary>Waits between two attempts to read. After the last the error is final for this process.</summary>
    public IReadOnlyList<TimeSpan> Retries { get; init; } = StorageRetries.Usual;

    /// <summary>Told what went wrong without harm to the run: old checkpoints that could not be removed.</summary>
    public Action<string> Note { get; init; } = _ => { };

    /// <summary>A checkpoint that was passed over, and why.</summary>
    public sealed record Skipped(string Path, string Problem);

    /// <summary>What there is to resume from; null for a new run.</summary>
    public sealed record Latest(CheckpointName? Name, string? Path, Checkpoint? Checkpoint, IReadOnlyList<Skipped> Skipped);

    /// <summary>The highest generation that a checkpoint was begun in; 0 where there is none.</summary>
    public int NewestGeneration() => StorageRetries.Run(Retries, time, () => Names().Select(n => n.Generation).DefaultIfEmpty(0).Max());

    /// <summary>
    /// Reads the valid checkpoint with the highest generation, then step. Passes over one that is damaged, never over one that cannot be
    /// read now or that a newer program wrote, and finds no new run where there is a checkpoint.
    /// </summary>
    /// <exception cref="StorageException">One cannot be read, also after several attempts.</exception>
    /// <exception cref="NewerFormatException">One was written by a newer program.</exception>
    /// <exception cref="InvalidFileException">There are some, and all are damaged.</exception>
    public Latest Load() => StorageRetries.Run(Retries, time, LoadOnce);

    private Latest LoadOnce()
    {
        var skipped = new List<Skipped>();
        foreach (var name in CheckpointName.NewestFirst(Names()))
        {
            var path = folder.Locate(name.ToString());
            if (!CheckpointFiles.HasManifest(folder, name)) continue; // Its writer died before the end: it never counted.
            try
            {
                return new(name, path, CheckpointFiles.Read(folder, name), skipped);
            }
            catch (InvalidFileException error)
            {
                _damaged.Add(name.ToString());
                skipped.Add(new(path, error.Message));
            }
        }

        if (skipped.Count == 0) return new(null, null, null, []);
        throw new InvalidFileException(
            folder.Locate(""),
            $"all of its checkpoints ({skipped.Count}) are damaged; the newest: {skipped[0].Problem}. Put a good copy in its place, or use an empty --checkpoint-dir to begin anew");
    }

    /// <summary>Writes a checkpoint and removes what it makes superfluous. Leaves nothing half-written when it fails.</summary>
    /// <exception cref="StorageException">It could not be written; the message names the file and what is wrong.</exception>
    public CheckpointInfo Save(int generation, Checkpoint checkpoint)
    {
        if (checkpoint.NotFinite() is { } tensor) throw new ArgumentException($"tensor {tensor} has values that are not finite: such a state is not kept", nameof(checkpoint));
        var started = time.GetTimestamp();
        var name = new CheckpointName(generation, checkpoint.Step, newUid());
        long bytes;
        try
        {
            bytes = CheckpointFiles.Write(folder, name, checkpoint, time.GetUtcNow());
        }
        catch
        {
            folder.TryDeleteFolder(name.ToString(), CheckpointManifest.FileName);
            throw;
        }

        try
        {
            Prune(name);
        }
        catch (TrainerException error)
        {
            // The new one is there. What is superfluous is removed after the next.
            Note($"old checkpoints could not be removed: {error.Message}");
        }

        return new(generation, checkpoint.Step, folder.Locate(name.ToString()), bytes, time.GetElapsedTime(started));
    }

    /// <summary>Only what is not newer than the writer's own generation: a writer that was given up must not remove its successor's.</summary>
    private void Prune(CheckpointName newest)
    {
        var ours = CheckpointName.NewestFirst(Names().Where(n => n.Generation <= newest.Generation)).ToList();
        var valid = ours.Where(n => !_damaged.Contains(n.ToString()) && CheckpointFiles.HasManifest(folder, n)).Take(keep).ToHashSet();
        valid.Add(newest);
        // Without its manifest a folder that is removed half-way does not look like a checkpoint.
        foreach (var name in ours.Where(n => !valid.Contains(n))) folder.TryDeleteFolder(name.ToString(), CheckpointManifest.FileName);
    }

    private IEnumerable<CheckpointName> Names() => folder.Folders().Select(CheckpointName.Parse).OfType<CheckpointName>();
}
