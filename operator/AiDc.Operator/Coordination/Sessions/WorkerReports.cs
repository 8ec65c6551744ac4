using AiDc.Coordination.V1;
using AiDc.Operator.Coordination.Board;

namespace AiDc.Operator.Coordination.Sessions;

/// <summary>Where every report ends, of whichever way it came: on the board, and counted.</summary>
internal sealed class WorkerReports(ProgressBoard board, CoordinationMetrics metrics, TimeProvider clock)
{
    /// <summary>Records one message of a stream.</summary>
    /// <param name="member">Of a worker that trains together with others; null of one that trains alone.</param>
    /// <returns>Whether it has to be acknowledged.</returns>
    public bool Record(WorkerIdentity worker, GangLink? member, WorkerMessage message)
    {
        member?.Heard(message.BodyCase == WorkerMessage.BodyOneofCase.Heartbeat ? message.Heartbeat.Member : null);
        var now = clock.GetUtcNow();
        switch (message.BodyCase)
        {
            case WorkerMessage.BodyOneofCase.Heartbeat:
                metrics.Message("heartbeat");
                board.Record(worker, p => ProgressRules.Heartbeat(p, worker.WorkerIndex, WorkerMessages.Read(message.Heartbeat.Phase)));
                return false;
            case WorkerMessage.BodyOneofCase.Progress:
                Record(worker, WorkerMessages.Read(message.Progress, worker, now));
                return false;
            case WorkerMessage.BodyOneofCase.CheckpointSaved:
                metrics.Message("checkpoint");
                var checkpoint = WorkerMessages.Read(message.CheckpointSaved, now);
                if (IsNew(worker, checkpoint))
                    metrics.Checkpoint(checkpoint.Seconds);
                board.Record(worker, p => ProgressRules.Saved(p, checkpoint));
                return true;
            case WorkerMessage.BodyOneofCase.Finished:
                metrics.Message("finished");
                board.Record(worker, p => ProgressRules.Finish(p, WorkerMessages.Read(message.Finished, now)));
                return true;
            case WorkerMessage.BodyOneofCase.Ready:
                metrics.Message("ready");
                member?.Ready(message.Ready);
                return false;
            case WorkerMessage.BodyOneofCase.GroupBroken:
                metrics.Message("broken");
                member?.Broken(message.GroupBroken);
                return false;
            case WorkerMessage.BodyOneofCase.Leaving:
                metrics.Message("leaving");
                member?.Leaving();
                return false;
            default:
                return false; // A second hello, or something that a newer trainer adds: nothing to do.
        }
    }

    public void Record(WorkerIdentity worker, TrainingProgress progress)
    {
        metrics.Message("progress");
        if (progress.StepSeconds is { } seconds && progress.StepDone)
            metrics.Step(seconds);
        board.Record(worker, p => ProgressRules.Report(p, progress));
    }

    /// <summary>Checkpoints are told again after a reconnection: each is measured once.</summary>
    private bool IsNew(WorkerIdentity worker, SavedCheckpoint checkpoint) =>
        board.Get(worker.Job.Uid) is not { Checkpoint: { } known } || (known.Generation, known.Step) != (checkpoint.Generation, checkpoint.Step);
}
