namespace AiDc.Trainer.Distributed.Collectives;

/// <summary>A collective, or the connecting before it, failed. The group is of no further use.</summary>
public class CollectiveException : Exception
{
    public CollectiveException(string message)
        : this(message, [])
    {
    }

    public CollectiveException(string message, IReadOnlyList<int> closedRanks)
        : base(message) => ClosedRanks = closedRanks;

    public CollectiveException(string message, Exception inner)
        : base(message, inner)
    {
    }

    public CollectiveException()
    {
    }

    /// <summary>
    /// Ranks whose connection was closed by their side: their process is gone, or left the group. Empty for a time-out, which in a
    /// ring says nothing about who is at fault.
    /// </summary>
    public IReadOnlyList<int> ClosedRanks { get; } = [];
}
