using AiDc.Trainer.Checkpoints;

namespace AiDc.Trainer.Training;

/// <summary>When a checkpoint is written, by the process that writes them.</summary>
/// <param name="writer">Null: this run leaves none.</param>
internal sealed class CheckpointSaver(CheckpointOptions? options, CheckpointWriter? writer, TrainingMeter meter, TimeProvider time)
{
    private long _since = time.GetTimestamp();
    private (long Step, int Epoch, int Replay)? _saved;
    private bool _leaving;

    public bool Writes => writer is not null;

    /// <summary>The state came from a checkpoint, or there is none yet: nothing has to be written before the next step.</summary>
    public void Nothing(TrainingRun run) => _saved = Of(run);

    /// <exception cref="StorageException">A checkpoint that was handed over could not be written.</exception>
    public void ThrowIfFailed() => writer?.ThrowIfFailed();

    public void SaveIfDue(TrainingRun run)
    {
        if (options is not null && writer is { Busy: false } && time.GetElapsedTime(_since) >= options.Every) Save(run, wait: false);
    }

    /// <summary>Once after this process was asked to end, while it goes on taking part until it is let go.</summary>
    public void SaveOnLeaving(TrainingRun run)
    {
        if (_leaving) return;
        _leaving = true;
        Save(run, wait: false);
    }

    /// <param name="wait">Whether it has to be on the disk when this returns.</param>
    public void Save(TrainingRun run, bool wait)
    {
        if (writer is null) return;
        if (_saved != Of(run))
        {
            var started = time.GetTimestamp();
            writer.Write(run.CheckpointGeneration, run.Snapshot());
            meter.AfterCheckpointCopy(time.GetElapsedTime(started));
            _saved = Of(run);
        }

        _since = time.GetTimestamp();
        if (wait) writer.Wait();
    }

    /// <summary>Waits until what was handed over is on the disk.</summary>
    public void Wait() => writer?.Wait();

    private static (long, int, int) Of(TrainingRun run) => (run.Step, run.Epoch, run.Replay);
}
