namespace AiDc.Trainer.Distributed.Collectives;

/// <summary>The group was aborted by its owner: no peer is to blame.</summary>
public sealed class GroupAbortedException : CollectiveException
{
    public GroupAbortedException()
        : base("the group was aborted")
    {
    }

    public GroupAbortedException(string message)
        : base(message)
    {
    }

    public GroupAbortedException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
