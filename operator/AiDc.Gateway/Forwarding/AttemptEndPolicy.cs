using Yarp.ReverseProxy.Forwarder;

namespace AiDc.Gateway.Forwarding;

/// <summary>Tells how an attempt ended from what the forwarder says.</summary>
internal static class AttemptEndPolicy
{
    public static AttemptEnd Of(AttemptFacts facts)
    {
        if (facts.ClientLeft) return AttemptEnd.ClientLeft;
        // The answer is whole: what else went wrong, went wrong with a body that the replica did not want.
        if (facts.Error == ForwarderError.None || facts.Complete) return AttemptEnd.Answered;
        if (facts.Started) return AttemptEnd.BrokenAnswer;
        return facts switch
        {
            { Last: AttemptState.Abandoned } => AttemptEnd.Abandoned,
            { Last: AttemptState.Broken } => AttemptEnd.Broken,
            { Error: ForwarderError.RequestBodyClient } => AttemptEnd.ClientFault,
            { TimedOut: true, Last: AttemptState.Waiting } => AttemptEnd.TimedOut,
            { NotConnected: true } => AttemptEnd.NotConnected,
            _ => AttemptEnd.Broken,
        };
    }
}
