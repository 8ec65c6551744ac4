using Yarp.ReverseProxy.Forwarder;

namespace AiDc.Gateway.Attempts;

/// <summary>How sending a request to a replica ended.</summary>
internal enum AttemptEnd
{
    /// <summary>There is an answer, and it was passed on.</summary>
    Answered,

    /// <summary>The replica is about to end and did not process it.</summary>
    Draining,

    /// <summary>The replica's queue is full and it did not process it.</summary>
    Full,

    /// <summary>There was no connection: not a byte was sent.</summary>
    NotConnected,

    /// <summary>The connection broke before an answer came: the replica may have processed it, or half of it.</summary>
    Broken,

    /// <summary>Nothing is heard of the replica any more, and this gateway gave up on it.</summary>
    Abandoned,

    /// <summary>No answer came in time.</summary>
    TimedOut,

    /// <summary>The connection broke in the middle of the answer.</summary>
    BrokenAnswer,

    /// <summary>The client went away.</summary>
    ClientLeft,

    /// <summary>The client's request is malformed.</summary>
    ClientFault,

    /// <summary>No answer came within the time that the caller itself had set, which may be less than any replica needs.</summary>
    OutOfPatience,

    /// <summary>The time was over while the request's body was still coming in.</summary>
    SlowBody,
}

/// <summary>Where an attempt is.</summary>
internal enum AttemptState
{
    /// <summary>There is none under way.</summary>
    Over,

    /// <summary>It was sent, or is being sent, and no answer has begun.</summary>
    Waiting,

    /// <summary>The head of the answer is there.</summary>
    Answering,

    /// <summary>This gateway gave up on the replica, and the request may go elsewhere.</summary>
    Abandoned,

    /// <summary>The replica's pod is gone.</summary>
    Broken,
}

/// <summary>What is known of an attempt that is over.</summary>
/// <param name="NotConnected">There was no connection.</param>
/// <param name="Complete">The answer came to its end.</param>
/// <param name="ClientLeft">The client's connection or stream ended first.</param>
/// <param name="Started">A part of an answer was passed on.</param>
/// <param name="Last">Where it was before it was over.</param>
/// <param name="TimedOut">Its time was over, or it was cancelled.</param>
internal readonly record struct AttemptFacts(
    ForwarderError Error, bool NotConnected, bool Complete, bool ClientLeft, bool Started, AttemptState Last, bool TimedOut)
{
    /// <summary>The time was the caller's own, and less than the service allows.</summary>
    public bool IsImpatient { get; init; }

    /// <summary>The client had not sent all of the request's body.</summary>
    public bool AwaitsBody { get; init; }
}

/// <summary>Tells how an attempt ended from what the forwarder says.</summary>
internal static class AttemptEndPolicy
{
    public static AttemptEnd Of(AttemptFacts facts)
    {
        // The answer is whole: what else went wrong, went wrong with a body that the replica did not want, or after the client had it.
        if (facts.Complete) return AttemptEnd.Answered;
        if (facts.ClientLeft || facts.Error is ForwarderError.ResponseBodyClient or ForwarderError.UpgradeResponseClient) return AttemptEnd.ClientLeft;
        if (facts.Error == ForwarderError.None) return AttemptEnd.Answered;
        if (facts.Started) return AttemptEnd.BrokenAnswer;
        return facts switch
        {
            { Last: AttemptState.Abandoned } => AttemptEnd.Abandoned,
            { Last: AttemptState.Broken } => AttemptEnd.Broken,
            { Error: ForwarderError.RequestBodyClient } => AttemptEnd.ClientFault,
            { TimedOut: true, Last: AttemptState.Waiting, AwaitsBody: true } => AttemptEnd.SlowBody,
            { TimedOut: true, Last: AttemptState.Waiting, IsImpatient: true } => AttemptEnd.OutOfPatience,
            { TimedOut: true, Last: AttemptState.Waiting } => AttemptEnd.TimedOut,
            { NotConnected: true } => AttemptEnd.NotConnected,
            _ => AttemptEnd.Broken,
        };
    }
}
