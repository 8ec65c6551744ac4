namespace AiDc.Trainer.Serving.Batching;

/// <summary>
/// Requests that wait for the model, a lane for each shape. A lane is due when it has a full batch, when its oldest request has waited
/// long enough, or when nobody else is known to be coming: then waiting would gain nothing. Of the lanes that are due the one whose
/// oldest request waits for the longest time is next, so that no shape starves another. Not thread-safe; time is an input.
/// </summary>
/// <param name="maxRows">Samples of a full batch; 0 for a model that takes each request by itself and whole.</param>
/// <param name="maxWait">In ticks of timestamps.</param>
internal sealed class BatchQueue(int maxRows, long maxWait)
{
    private readonly Dictionary<ShapeKey, Lane> _lanes = [];

    /// <summary>Requests that wait, those included of which only a part was computed.</summary>
    public int Waiting { get; private set; }

    public void Add(InferenceWork work)
    {
        if (!_lanes.TryGetValue(work.Shape, out var lane)) _lanes.Add(work.Shape, lane = new());
        lane.Append(work);
        Waiting++;
    }

    /// <summary>Takes out a request that nobody waits for any more.</summary>
    /// <returns>False when it is not in the queue.</returns>
    public bool Remove(InferenceWork work)
    {
        if (work.Node is null) return false;
        var lane = _lanes[work.Shape];
        lane.Remove(work);
        if (lane.Works.Count == 0) _lanes.Remove(work.Shape);
        Waiting--;
        return true;
    }

    /// <param name="othersComing">Whether requests are known to arrive in the queue in a moment.</param>
    /// <param name="dueAt">When to ask again at the latest, if nothing is due; the largest number: when one was added.</param>
    /// <returns>Null when nothing is due.</returns>
    public Batch? Take(long now, bool othersComing, out long dueAt)
    {
        dueAt = long.MaxValue;
        Lane? next = null;
        foreach (var lane in _lanes.Values)
        {
            var due = !othersComing || lane.Rows >= maxRows ? lane.Oldest : lane.Oldest + maxWait;
            if (due > now) dueAt = Math.Min(dueAt, due);
            else if (next is null || lane.Oldest < next.Oldest) next = lane;
        }

        return next is null ? null : Take(next, now);
    }

    private Batch Take(Lane lane, long now)
    {
        var slices = new List<BatchSlice>(Math.Clamp(lane.Works.Count, 1, Math.Max(1, maxRows)));
        var rows = 0;
        var most = maxRows > 0 ? maxRows : lane.Works.First!.Value.Rows;
        while (rows < most && lane.Works.First is { Value: var work })
        {
            var left = work.Rows - work.Taken;
            // Only a request that is larger than a batch is cut.
            if (left > most - rows && rows > 0) break;
            var count = Math.Min(left, most - rows);
            slices.Add(new(work, work.Taken, count));
            Remove(work);
            if (work.Taken == 0) work.Started = now;
            work.Taken += count;
            rows += count;
            if (work.Taken == work.Rows) continue;
            // The rest has to wait for its turn: others have come meanwhile.
            work.Queued = now;
            Add(work);
            break;
        }

        return new(slices, rows);
    }

    private sealed class Lane
    {
        public LinkedList<InferenceWork> Works { get; } = new();

        public int Rows { get; private set; }

        public long Oldest => Works.First!.Value.Queued;

        public void Append(InferenceWork work)
        {
            work.Node = Works.AddLast(work);
            Rows += work.Rows - work.Taken;
        }

        public void Remove(InferenceWork work)
        {
            Works.Remove(work.Node!);
            work.Node = null;
            Rows -= work.Rows - work.Taken;
        }
    }
}
