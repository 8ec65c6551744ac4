using System.Collections.Concurrent;

namespace AiDc.Operator.Nodes;

/// <summary>Nodes that were deleted, for as long as that can matter to a pod: clusters that scale make new ones every day.</summary>
internal sealed class DeletedNodes(TimeProvider clock)
{
    /// <summary>The cluster itself takes the pods of a deleted node away within minutes.</summary>
    public static readonly TimeSpan KeptFor = TimeSpan.FromHours(1);

    private readonly ConcurrentDictionary<string, long> nodes = new(StringComparer.Ordinal);

    public int Count => nodes.Count;

    public void Add(string name) => nodes[name] = clock.GetTimestamp();

    public void Remove(string name) => nodes.TryRemove(name, out _);

    public bool Has(string name) => nodes.ContainsKey(name);

    /// <summary>Lets go of those that were deleted long ago.</summary>
    /// <param name="hasPods">Whether pods of ours are on a node still: then it is not forgotten.</param>
    public void Forget(Func<string, bool> hasPods)
    {
        foreach (var (name, since) in nodes)
            if (clock.GetElapsedTime(since) > KeptFor && !hasPods(name)) nodes.TryRemove(name, out _);
    }
}
