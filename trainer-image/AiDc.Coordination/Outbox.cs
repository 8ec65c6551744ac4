using AiDc.Coordination.V1;

namespace AiDc.Coordination;

/// <summary>
/// What is still to be told. Progress is worth only its latest; a checkpoint is superseded by the next one; the newest checkpoint and the
/// finish stay until the operator acknowledges them. So it never holds more than three messages, however long nobody listens. Thread-safe.
/// </summary>
/// <param name="gang">Of a worker that trains together with others; null for one by itself.</param>
internal sealed class Outbox(GangLink? gang = null)
{
    private readonly Lock gate = new();
    private TaskCompletionSource delivered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ulong sequence;
    private Heartbeat heartbeat = new() { Phase = Phase.Loading };
    private Progress? progress;
    private WorkerMessage? checkpoint;
    private WorkerMessage? finished;
    private ulong sent;

    /// <summary>Completes once everything that waits for an acknowledgement now has got it.</summary>
    public Task Delivered()
    {
        lock (gate)
        {
            if (checkpoint is null && finished is null)
                return Task.CompletedTask;
            if (delivered.Task.IsCompleted)
                delivered = new(TaskCreationOptions.RunContinuationsAsynchronously);
            return delivered.Task;
        }
    }

    public void Report(Heartbeat now, Progress latest)
    {
        lock (gate)
        {
            heartbeat = now;
            progress = latest;
        }
    }

    public void Add(CheckpointSaved saved)
    {
        lock (gate)
            checkpoint = new WorkerMessage { Sequence = ++sequence, CheckpointSaved = saved };
    }

    public void Add(Finished result)
    {
        lock (gate)
            finished = new WorkerMessage { Sequence = ++sequence, Finished = result };
    }

    /// <summary>A new stream: what was sent on the one before without an answer is sent again.</summary>
    public void Restart()
    {
        lock (gate)
            sent = 0;
    }

    /// <summary>What to send now, in this order.</summary>
    /// <param name="tick">Whether a heartbeat is due; ordinary progress goes with it.</param>
    public IReadOnlyList<WorkerMessage> Take(bool tick, bool withProgress)
    {
        var messages = new List<WorkerMessage>(4);
        var (said, changed) = gang?.Take() ?? ([], false);
        lock (gate)
        {
            if (tick || changed)
                messages.Add(new WorkerMessage { Sequence = ++sequence, Heartbeat = Beat() });
            foreach (var message in said)
            {
                message.Sequence = ++sequence;
                messages.Add(message);
            }
            if ((tick || withProgress) && progress is not null)
            {
                messages.Add(new WorkerMessage { Sequence = ++sequence, Progress = progress });
                progress = null;
            }
            Unsent(messages, checkpoint);
            Unsent(messages, finished);
        }
        return messages;
    }

    public void Acknowledged(ulong acknowledged)
    {
        lock (gate)
        {
            if (checkpoint?.Sequence == acknowledged)
                checkpoint = null;
            if (finished?.Sequence == acknowledged)
                finished = null;
            if (checkpoint is null && finished is null)
                delivered.TrySetResult();
        }
    }

    private Heartbeat Beat() => gang is null
        ? heartbeat
        : new Heartbeat { Phase = heartbeat.Phase, Step = heartbeat.Step, Member = gang.Standing };

    private void Unsent(List<WorkerMessage> messages, WorkerMessage? message)
    {
        if (message is null || message.Sequence <= sent)
            return;
        messages.Add(message);
        sent = message.Sequence;
    }
}
