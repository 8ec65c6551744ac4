using System.Collections.Concurrent;

namespace AiDc.Operator.Coordination.Board;

/// <summary>The board in memory: one entry a job, its changes announced at the pace that <see cref="IProgressBoard.Changed"/> promises.</summary>
internal sealed class ProgressBoard(TimeProvider clock) : IProgressBoard, IDisposable
{
    /// <summary>Between two announcements of ordinary progress of one job.</summary>
    public static readonly TimeSpan Pace = TimeSpan.FromSeconds(5);

    /// <summary>Far above what one operator runs; only pods of real jobs get here, so this bounds a mistake, not an attack.</summary>
    public const int Capacity = 50_000;

    private readonly ConcurrentDictionary<string, Entry> entries = new(StringComparer.Ordinal);

    public event Action<JobKey>? Changed;

    public JobProgress? Get(string jobUid) => entries.TryGetValue(jobUid, out var entry) ? entry.Progress : null;

    public void Forget(string jobUid)
    {
        if (entries.TryRemove(jobUid, out var entry))
            entry.Dispose();
    }

    /// <summary>A snapshot of all that is known.</summary>
    public IReadOnlyList<JobProgress> List() => [.. entries.Values.Select(e => e.Progress).OfType<JobProgress>()];

    /// <summary>Changes the entry of the worker's job by a rule of <see cref="ProgressRules"/>.</summary>
    /// <returns>False if the report was of an attempt that is over, or the board is full.</returns>
    public bool Record(WorkerIdentity worker, Func<JobProgress, JobProgress> rule)
    {
        if (!entries.TryGetValue(worker.Job.Uid, out var entry))
        {
            if (entries.Count >= Capacity)
                return false;
            entry = entries.GetOrAdd(worker.Job.Uid, _ => new Entry(clock, job => Changed?.Invoke(job)));
        }
        return entry.Record(worker, rule);
    }

    public void Dispose()
    {
        foreach (var uid in entries.Keys)
            Forget(uid);
    }

    private sealed class Entry(TimeProvider clock, Action<JobKey> announce) : IDisposable
    {
        private readonly Lock gate = new();
        private ITimer? timer;
        private bool waiting;
        private bool closed;
        private long? announcedAt;

        public JobProgress? Progress { get; private set; }

        public bool Record(WorkerIdentity worker, Func<JobProgress, JobProgress> rule)
        {
            JobProgress after;
            bool now;
            lock (gate)
            {
                var before = Progress;
                var admitted = ProgressRules.Admit(before, worker, clock.GetUtcNow());
                if (admitted is null || closed)
                    return false;
                Progress = after = rule(admitted);
                now = ProgressRules.IsVisible(before, after) && DueNow(ProgressRules.IsUrgent(before, after));
            }
            if (now)
                announce(after.Job);
            return true;
        }

        public void Dispose()
        {
            lock (gate)
            {
                closed = true;
                timer?.Dispose();
            }
        }

        /// <summary>Called with the gate held. Either the change is announced now, or a timer announces whatever is there then.</summary>
        private bool DueNow(bool urgent)
        {
            var since = announcedAt is { } at ? clock.GetElapsedTime(at) : Pace;
            if (urgent || since >= Pace)
            {
                announcedAt = clock.GetTimestamp();
                return true;
            }
            if (!waiting)
            {
                waiting = true;
                timer ??= clock.CreateTimer(_ => TimerFired(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
                timer.Change(Pace - since, Timeout.InfiniteTimeSpan);
            }
            return false;
        }

        private void TimerFired()
        {
            JobKey job;
            lock (gate)
            {
                waiting = false;
                if (closed)
                    return;
                announcedAt = clock.GetTimestamp();
                job = Progress!.Job;
            }
            announce(job);
        }
    }
}
