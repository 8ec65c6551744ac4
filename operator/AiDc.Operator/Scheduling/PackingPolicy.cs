namespace AiDc.Operator.Scheduling;

/// <summary>
/// On which nodes a gang goes, of those where its pods fit: within the domain that is left with least, on as few nodes as it can, and the last of them the
/// one that is left with least. Large pieces stay whole for large gangs.
/// </summary>
internal static class PackingPolicy
{
    /// <param name="fitting">Of each node, how many pods fit.</param>
    /// <returns>The node of each pod; null where no domain has room for all.</returns>
    public static int[]? Choose(NodeBoard board, Topology topology, ReadOnlySpan<int> fitting, int pods)
    {
        var domain = Domain(topology, fitting, pods);
        if (domain < 0) return null;
        List<int> chosen = new(pods);
        var buckets = new List<int>?[pods + 1];
        for (var n = 0; n < fitting.Length; n++)
            if (fitting[n] > 0 && topology.DomainOf[n] == domain)
                (buckets[Math.Min(fitting[n], pods)] ??= []).Add(n);
        // A node that has room for all of them: the tightest.
        if (buckets[pods] is { } roomy) return [.. Enumerable.Repeat(Tightest(board, roomy, fitting), pods)];
        var rest = pods;
        var left = fitting.ToArray();
        for (var size = pods - 1; size > 0 && rest > 0; size--)
        {
            if (buckets[size] is not { } nodes) continue;
            foreach (var node in nodes.OrderBy(n => board.FreeOf(n)[0]).ThenBy(n => n))
            {
                if (rest <= size) break;
                chosen.AddRange(Enumerable.Repeat(node, size));
                rest -= size;
                left[node] = 0;
            }
            if (rest > size || rest == 0) continue;
            // Pieces that are too small for the rest: smaller ones are filled first.
            if (Smallest(buckets, left, rest) is not { } last) continue;
            var one = Tightest(board, last, fitting);
            chosen.AddRange(Enumerable.Repeat(one, rest));
            rest = 0;
        }
        return rest == 0 ? [.. chosen] : null;
    }

    /// <summary>The domain with the least room of those that have enough; -1 where none has.</summary>
    private static int Domain(Topology topology, ReadOnlySpan<int> fitting, int pods)
    {
        var room = Room(topology, fitting);
        var best = -1;
        for (var d = 0; d < room.Length; d++)
            if (room[d] >= pods && (best < 0 || room[d] < room[best])) best = d;
        return best;
    }

    /// <summary>Pods that fit in each domain.</summary>
    public static long[] Room(Topology topology, ReadOnlySpan<int> fitting)
    {
        var room = new long[topology.Names.Count];
        for (var n = 0; n < fitting.Length; n++)
            if (fitting[n] > 0 && topology.DomainOf[n] is >= 0 and var d) room[d] += fitting[n];
        return room;
    }

    private static List<int>? Smallest(List<int>?[] buckets, ReadOnlySpan<int> fitting, int rest)
    {
        for (var size = rest; size < buckets.Length; size++)
        {
            if (buckets[size] is not { } nodes) continue;
            List<int> free = new(nodes.Count);
            foreach (var n in nodes)
                if (fitting[n] > 0) free.Add(n);
            if (free.Count > 0) return free;
        }
        return null;
    }

    private static int Tightest(NodeBoard board, List<int> nodes, ReadOnlySpan<int> fitting)
    {
        var best = nodes[0];
        foreach (var n in nodes)
            if (fitting[n] < fitting[best] || (fitting[n] == fitting[best] && board.FreeOf(n)[0] < board.FreeOf(best)[0])) best = n;
        return best;
    }
}
