namespace AiDc.Operator.Scheduling;

/// <summary>
/// Who is asked to end so that a blocked job can start: what elastic jobs hold above their minimum first, then the lowest priority, of equal ones the least
/// lost work. Nobody is among them without whom it would fit as well.
/// </summary>
/// <remarks>
/// There is no going round in circles: within a queue only the strictly lower are replaced, and across queues only those above their own quota by those within
/// theirs, who then are not above it.
/// </remarks>
internal static class VictimPolicy
{
    /// <returns>Empty where nobody's end would help.</returns>
    public static IReadOnlyList<Hold> Choose(Cycle cycle, Candidate c, Shape shape, int account, int pods)
    {
        var candidates = Candidates(cycle, c, account, pods);
        if (candidates.Count == 0) return [];
        var topology = cycle.TopologyOf(c);
        var duration = c.DurationWith(pods);
        var room = cycle.RoomNow(shape, topology, pods, duration);
        List<Hold> victims = [];
        var following = cycle.Board.Changed;
        // All is put back in the end: the other shapes need not know.
        cycle.Board.Changed = null;
        try
        {
            foreach (var hold in candidates)
            {
                if (Fits()) break;
                if (Helps(hold)) Remove(hold);
            }
            var fits = Fits();
            for (var i = victims.Count - 1; fits && i >= 0; i--)
            {
                var hold = victims[i];
                // The rest of an elastic job cannot stay without its minimum.
                if (!hold.IsSurplus || !victims.Any(v => v.Job == hold.Job && !v.IsSurplus))
                {
                    PutBack(hold);
                    if (!Fits()) Remove(hold);
                }
            }
            Hold[] chosen = fits ? [.. victims] : [];
            foreach (var hold in victims.ToArray()) PutBack(hold);
            return chosen;
        }
        finally
        {
            cycle.Board.Changed = following;
        }

        bool Fits() => room.IsEnough && cycle.QuotaFitsNow(account, shape.PerPod, pods, duration);

        bool Helps(Hold hold)
        {
            var other = hold.Account != account;
            // One after another: who has been brought down to his own quota gives no more.
            if (other && !hold.IsSurplus && !cycle.Ledger.Borrows(hold.Account, shape.PerPod)) return false;
            return !room.IsEnough && hold.Nodes.Any(n => shape.Eligible[n]) || !cycle.Ledger.Fits(account, shape.PerPod, pods);
        }

        void Remove(Hold hold)
        {
            hold.IsAlive = false;
            foreach (var node in hold.Nodes) cycle.Board.Give(node, hold);
            cycle.Ledger.Add(hold.Account, hold.PerPod, -hold.Size);
            Look(hold);
            victims.Add(hold);
        }

        void PutBack(Hold hold)
        {
            hold.IsAlive = true;
            foreach (var node in hold.Nodes) cycle.Board.Take(node, hold);
            cycle.Ledger.Add(hold.Account, hold.PerPod, hold.Size);
            Look(hold);
            victims.Remove(hold);
        }

        void Look(Hold hold)
        {
            foreach (var node in hold.Nodes)
            {
                if (!shape.Eligible[node]) continue;
                shape.Follow(node);
                room.Set(node, cycle.Board.HasTakes(node) ? shape.Fitting(node, 0, duration) : shape.Now[node]);
            }
        }
    }

    private static List<Hold> Candidates(Cycle cycle, Candidate c, int account, int pods)
    {
        var pool = cycle.Ledger.PoolOf(account);
        var reclaims = c.Queue!.Preemption.ReclaimsLent && cycle.Ledger.IsWithinNominal(account, c.Job.PerPod, pods);
        List<Hold> found = [];
        foreach (var holds in cycle.Running)
        {
            if (holds is null) continue;
            foreach (var hold in holds)
            {
                if (!hold.IsAlive || hold.Account < 0 || cycle.Ledger.PoolOf(hold.Account) != pool) continue;
                var other = cycle.Jobs[hold.Job];
                if (other.Job.Admission is not { IsEnding: false } admission) continue;
                if (hold.IsSurplus ? Yields() : IsOpen()) found.Add(hold);

                bool IsOpen() => cycle.Now - admission.At >= c.Queue.Preemption.ProtectedFor && Yields();

                bool Yields() => hold.Account == account || other.Queue == c.Queue
                    ? hold.IsSurplus || OrderPolicy.MayReplace(c, other, cycle.Snapshot.Settings)
                    : reclaims && cycle.Ledger.Borrows(hold.Account, c.Job.PerPod);
            }
        }
        found.Sort((left, right) => Compare(cycle, c.Queue, left, right));
        return found;
    }

    private static int Compare(Cycle cycle, SchedulingQueue queue, Hold left, Hold right)
    {
        var order = right.IsSurplus.CompareTo(left.IsSurplus);
        if (order != 0) return order;
        var (a, b) = (cycle.Jobs[left.Job], cycle.Jobs[right.Job]);
        if (queue.Preemption.WithinQueue == WithinQueue.LaterInOrder && queue.Ordering != QueueOrdering.Fair && a.Queue == queue && b.Queue == queue)
            order = OrderPolicy.Compare(b, a);
        if (order == 0) order = a.Priority.CompareTo(b.Priority);
        if (order == 0) order = Lost(a, left).CompareTo(Lost(b, right));
        return order != 0 ? order : left.Job.CompareTo(right.Job);
    }

    private static double Lost(Candidate c, Hold hold) => c.Job.Uncheckpointed.TotalSeconds * hold.Size * Math.Max(1, (double)hold.PerPod[0]);
}
