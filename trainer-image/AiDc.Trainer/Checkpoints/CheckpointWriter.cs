using AiDc.Trainer.Reporting;

namespace AiDc.Trainer.Checkpoints;

/// <summary>
/// Writes checkpoints on a thread of its own while training goes on. One at a time: while it is busy the run does not hand over another.
/// </summary>
/// <param name="saved">Told of each one that is complete, on the writer's thread.</param>
public sealed class CheckpointWriter(CheckpointStore store, Action<CheckpointInfo> saved) : IDisposable
{
    private Task<CheckpointInfo>? _writing;

    public bool Busy => _writing is { IsCompleted: false };

    /// <summary>What became of a write that has ended since the last call; null when none has, or when it succeeded.</summary>
    /// <returns>Why it could not be written. Any other error is thrown: it is a defect.</returns>
    public StorageException? TakeFailure()
    {
        if (_writing is not { IsFaulted: true }) return null;
        try
        {
            Wait();
            return null;
        }
        catch (StorageException error)
        {
            return error;
        }
    }

    /// <summary>Hands over a copy of the run. Waits for the one before if that is still being written.</summary>
    /// <param name="generation">A checkpoint outranks those of lower generations.</param>
    /// <exception cref="StorageException">The one before failed.</exception>
    public void Write(int generation, Checkpoint checkpoint)
    {
        Wait();
        _writing = Task.Factory.StartNew(
            () =>
            {
                var info = store.Save(generation, checkpoint);
                saved(info);
                return info;
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
    }

    /// <summary>Waits until what was handed over is on the disk.</summary>
    /// <exception cref="StorageException">It could not be written.</exception>
    public void Wait()
    {
        var writing = _writing;
        _writing = null;
        writing?.GetAwaiter().GetResult();
    }

    /// <summary>Lets a write that is under way end, so that leaving because of another error leaves nothing half-written.</summary>
    public void Dispose()
    {
        var writing = _writing;
        _writing = null;
        if (writing is null) return;
        ((IAsyncResult)writing).AsyncWaitHandle.WaitOne();
        _ = writing.Exception; // Observed: the error that is already under way is the one to tell.
    }
}
