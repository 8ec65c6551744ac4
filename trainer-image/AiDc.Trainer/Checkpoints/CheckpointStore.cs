using AiDc.Trainer.Reporting;
using AiDc.Trainer.Storage;

namespace AiDc.Trainer.Checkpoints;

/// <summary>The checkpoint folder of a run: finds the newest valid one, writes new ones, removes old ones.</summary>
/// <param name="folder">Need not exist.</param>
/// <param name="keep">How many valid checkpoints stay; at least 1.</param>
/// <param name="newUid">A new name each time, of digits and lower-case letters.</param>
public sealed class CheckpointStore(IStorageFolder folder, int keep, TimeProvider time, Func<string> newUid)
{
    private readonly HashSet<string> _corrupt = new(StringComparer.Ordinal);

    /// <summary>In a folder of a file system.</summary>
    public CheckpointStore(string folder, int keep, TimeProvider time, Func<string> newUid)
        : this(new LocalFolder(folder), keep, time, newUid)
    {
    }

    /// <summary>A checkpoint that was passed over, and why.</summary>
    public sealed record Skipped(string Path, string Problem);

    /// <summary>What there is to resume from; null for a new run.</summary>
    public sealed record Latest(CheckpointName? Name, string? Path, Checkpoint? Checkpoint, IReadOnlyList<Skipped> Skipped);

    /// <summary>The highest generation that a checkpoint was begun in; 0 where there is none.</summary>
    public int NewestGeneration() => Names().Select(n => n.Generation).DefaultIfEmpty(0).Max();

    /// <summary>Reads the valid checkpoint with the highest generation, then step.</summary>
    public Latest Load()
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
                _corrupt.Add(name.ToString());
                skipped.Add(new(path, error.Message));
            }
        }

        return new(null, null, null, skipped);
    }

    /// <summary>Writes a checkpoint and removes what it makes superfluous. Leaves nothing half-written when it fails.</summary>
    /// <exception cref="StorageException">It could not be written; the message names the file and what is wrong.</exception>
    public CheckpointInfo Save(int generation, Checkpoint checkpoint)
    {
        var started = time.GetTimestamp();
        var name = new CheckpointName(generation, checkpoint.State.Step, newUid());
        try
        {
            var bytes = CheckpointFiles.Write(folder, name, checkpoint, time.GetUtcNow());
            Prune(name);
            return new(generation, checkpoint.State.Step, folder.Locate(name.ToString()), bytes, time.GetElapsedTime(started));
        }
        catch
        {
            folder.TryDeleteFolder(name.ToString(), CheckpointManifest.FileName);
            throw;
        }
    }

    /// <summary>Only what is not newer than the writer's own generation: a writer that was given up must not remove its successor's.</summary>
    private void Prune(CheckpointName newest)
    {
        var ours = CheckpointName.NewestFirst(Names().Where(n => n.Generation <= newest.Generation)).ToList();
        var valid = ours.Where(n => !_corrupt.Contains(n.ToString()) && CheckpointFiles.HasManifest(folder, n)).Take(keep).ToHashSet();
        valid.Add(newest);
        // Without its manifest a folder that is removed half-way does not look like a checkpoint.
        foreach (var name in ours.Where(n => !valid.Contains(n))) folder.TryDeleteFolder(name.ToString(), CheckpointManifest.FileName);
    }

    private IEnumerable<CheckpointName> Names() => folder.Folders().Select(CheckpointName.Parse).OfType<CheckpointName>();
}
