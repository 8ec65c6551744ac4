using AiDc.Trainer.Checkpoints;
using AiDc.Trainer.Storage;

namespace AiDc.Trainer.Training;

/// <summary>
/// When a checkpoint is written, by the process that writes them. One that could not be written is tried again later; only at the end of
/// the training is that an error, since nothing else would be left of it.
/// </summary>
/// <param name="writer">Null: this run leaves none.</param>
/// <param name="note">Takes a warning: its kind and what happened.</param>
internal sealed class CheckpointSaver(
    CheckpointOptions? options, CheckpointWriter? writer, TrainingMeter meter, TimeProvider time, IReadOnlyList<TimeSpan> retries, Action<string, string> note)
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    private long _since = time.GetTimestamp();
    private (long Step, int Epoch, int Replay)? _saved;
    private int _failures;
    private bool _leaving;

    public bool Writes => writer is not null;

    /// <summary>The state that was to be saved has values that are not finite; nothing is saved until the run has gone back.</summary>
    public bool Poisoned { get; private set; }

    /// <summary>The state came from a checkpoint, or there is none yet: nothing has to be written before the next step.</summary>
    public void Nothing(TrainingRun run) => (_saved, Poisoned) = (Of(run), false);

    /// <summary>The state came from another member's memory, and may be in no checkpoint.</summary>
    public void Unsaved() => (_saved, Poisoned) = (null, false);

    public void SaveIfDue(TrainingRun run)
    {
        if (options is null || writer is null || writer.Busy) return;
        Settle();
        if (time.GetElapsedTime(_since) >= Pause(options.Every)) Save(run, wait: false);
    }

    /// <summary>Once after this process was asked to end, while it goes on taking part until it is let go.</summary>
    public void SaveOnLeaving(TrainingRun run)
    {
        Settle();
        if (_leaving) return;
        _leaving = true;
        Save(run, wait: false);
    }

    /// <param name="wait">Whether it has to be on the disk when this returns.</param>
    /// <exception cref="StorageException">It had to, and also the last attempt failed.</exception>
    public void Save(TrainingRun run, bool wait)
    {
        if (writer is null) return;
        if (wait) Wait();
        else Settle();
        HandOver(run);
        _since = time.GetTimestamp();
        if (!wait) return;
        StorageRetries.Run(
            retries,
            time,
            () =>
            {
                HandOver(run);
                try
                {
                    writer.Wait();
                }
                catch
                {
                    _saved = null;
                    throw;
                }

                return true;
            },
            Failed);
    }

    /// <summary>Waits until what was handed over is on the disk, or could not be written.</summary>
    public void Wait()
    {
        try
        {
            writer?.Wait();
        }
        catch (StorageException error)
        {
            Failed(error);
        }
    }

    private void HandOver(TrainingRun run)
    {
        if (_saved == Of(run)) return;
        var started = time.GetTimestamp();
        var copy = run.Snapshot();
        if (copy.NotFinite() is { } tensor)
        {
            Poisoned = true;
            note("checkpoint-refused", $"tensor {tensor} has values that are not finite at step {run.Step}: such a state is not saved");
            return;
        }

        writer!.Write(run.CheckpointGeneration, copy);
        meter.AfterCheckpointCopy(time.GetElapsedTime(started));
        _saved = Of(run);
    }

    /// <summary>What became of the write before.</summary>
    private void Settle()
    {
        if (writer is null or { Busy: true }) return;
        if (writer.TakeFailure() is { } error) Failed(error);
        else if (_saved is not null) _failures = 0;
    }

    private void Failed(StorageException error)
    {
        (_saved, _leaving) = (null, false);
        _failures++;
        note("checkpoint-failed", $"{error.Message}. The training goes on, and the checkpoint is tried again");
    }

    private TimeSpan Pause(TimeSpan every)
    {
        if (_failures == 0) return every;
        var pause = TimeSpan.FromSeconds(Math.Min(LongestPause.TotalSeconds, Math.Pow(2, _failures - 1)));
        return pause > every ? pause : every;
    }

    private static (long, int, int) Of(TrainingRun run) => (run.Step, run.Epoch, run.Replay);
}
