using AiDc.Gateway.Observability;
using AiDc.Gateway.Protocol;

namespace AiDc.Gateway.Forwarding;

/// <summary>
/// Takes a request's body in before the request is given a replica, so that a slow caller holds no place there. A body that is longer than what is
/// kept, or for which the process has no memory left, is streamed to the replica as it comes; so are gRPC's, which may be conversations.
/// </summary>
internal sealed class BodyIntake(GatewayMetrics metrics, TimeProvider clock)
{
    /// <summary>A body of unknown length that pauses for so long may be a conversation as well: it goes on its way.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <returns>Whether the request goes on; else it is answered, or its caller has left.</returns>
    public async ValueTask<bool> TakeAsync(Exchange exchange)
    {
        if (exchange.IsGrpc || exchange.Body is not { } body) return true;
        var context = exchange.Context;
        try
        {
            await body.FillAsync(context.Request.ContentLength is null ? Pause : Timeout.InfiniteTimeSpan, clock, context.RequestAborted);
        }
        catch (BadHttpRequestException e)
        {
            await RefuseAsync(context, e);
            return false;
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            exchange.Left();
            return false;
        }
        exchange.RestartTimeout();
        return true;
    }

    /// <summary>What is wrong with the request, Kestrel says: malformed, too slow, too long.</summary>
    public Task RefuseAsync(HttpContext context, BadHttpRequestException fault)
    {
        metrics.Refused("body");
        return Answers.WriteAsync(context, fault.StatusCode, fault.Message);
    }
}
