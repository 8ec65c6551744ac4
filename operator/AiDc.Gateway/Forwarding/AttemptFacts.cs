using Yarp.ReverseProxy.Forwarder;

namespace AiDc.Gateway.Forwarding;

/// <summary>What is known of an attempt that is over.</summary>
/// <param name="NotConnected">There was no connection.</param>
/// <param name="Complete">The answer came to its end.</param>
/// <param name="ClientLeft">The client's connection or stream ended first.</param>
/// <param name="Started">A part of an answer was passed on.</param>
/// <param name="Last">Where it was before it was over.</param>
/// <param name="TimedOut">Its time was over, or it was cancelled.</param>
internal readonly record struct AttemptFacts(
    ForwarderError Error, bool NotConnected, bool Complete, bool ClientLeft, bool Started, AttemptState Last, bool TimedOut);
