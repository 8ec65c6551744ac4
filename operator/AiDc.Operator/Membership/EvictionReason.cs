namespace AiDc.Operator.Membership;

/// <summary>Why a worker is in no generation any more. Also the label of a metric.</summary>
public enum EvictionReason
{
    /// <summary>Its container ended.</summary>
    PodEnded,

    /// <summary>Its pod does not exist any more, and it is not connected.</summary>
    PodGone,

    /// <summary>Its stream ended and it did not come back, or a peer saw its connection close too.</summary>
    ConnectionClosed,

    /// <summary>Nothing was heard of it, and the gang made no step.</summary>
    Silent,

    /// <summary>It speaks, but does not get Ready for the generation it is in.</summary>
    NotReady,

    /// <summary>What it runs on is gone: node deleted, GPU withdrawn.</summary>
    NodeLost,

    /// <summary>It was asked to end and said so. No failure.</summary>
    Left,

    /// <summary>The gang was made smaller. No failure.</summary>
    Resized,

    /// <summary>Its slot has a newer pod, and it was in no generation. No failure.</summary>
    Replaced,
}
