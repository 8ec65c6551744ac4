namespace AiDc.Gateway.Routing;

/// <summary>Where a request goes now.</summary>
/// <param name="Index">Of the candidate, where one is chosen; else -1.</param>
/// <param name="Revision">The revision whose share the request counts towards, for it to be asked with again; -1: none.</param>
internal readonly record struct ReplicaChoice(ChoiceKind Kind, int Index, int Revision);

internal enum ChoiceKind
{
    Chosen,

    /// <summary>There is no replica that could answer: the service is at zero, starts, or is cut off.</summary>
    NoneUsable,

    /// <summary>There are replicas, and each that the request may go to has as many requests as it may have.</summary>
    AllBusy,
}
