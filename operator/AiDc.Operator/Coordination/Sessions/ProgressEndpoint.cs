using System.Collections.Concurrent;
using AiDc.ControllerRuntime.Leadership;
using AiDc.Operator.Coordination.Authentication;
using AiDc.Operator.Coordination.Board;

namespace AiDc.Operator.Coordination.Sessions;

/// <summary>
/// <c>PUT /v1/progress</c>: how an image of the user's own tells how far it is, with nothing but an HTTP client. Any replica takes it; those
/// that do not lead pass it on.
/// </summary>
internal sealed class ProgressEndpoint(
    ILeadership leadership, WorkerAuthenticator authenticator, WorkerReports reports, LeaderForwarder forwarder, CoordinationMetrics metrics, TimeProvider clock)
{
    public const string Path = "/v1/progress";
    private const int LargestBody = 16 * 1024;

    private readonly ConcurrentDictionary<string, MessageBudget> budgets = new(StringComparer.Ordinal);

    public async Task HandleAsync(HttpContext context)
    {
        var ct = context.RequestAborted;
        if (await BodyAsync(context.Request, ct) is not { } body)
            await RefuseAsync(context, StatusCodes.Status413PayloadTooLarge, "size", $"the body is larger than {LargestBody} bytes");
        else if (leadership.State.IsLeader)
            await RecordAsync(context, body);
        else
            await forwarder.ForwardAsync(context, body, leadership.State.Holder);
    }

    /// <summary>Drops the budgets of pods that are silent; called now and then.</summary>
    public void Sweep() => budgets.Clear();

    private async Task RecordAsync(HttpContext context, ReadOnlyMemory<byte> body)
    {
        var result = await authenticator.AuthenticateAsync(context.Request.Headers.Authorization, context.RequestAborted);
        if (result.Worker is not { } worker)
        {
            var status = result.Unavailable ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status401Unauthorized;
            await RefuseAsync(context, status, result.Unavailable ? "unavailable" : "token", result.Problem!);
            return;
        }
        if (!WithinBudget(worker.PodUid))
        {
            context.Response.Headers.RetryAfter = "1";
            await RefuseAsync(context, StatusCodes.Status429TooManyRequests, "rate", "more than 5 reports a second: send fewer");
            return;
        }
        var (progress, problem) = ProgressDocument.Read(body, worker.WorkerIndex, clock.GetUtcNow());
        if (progress is null)
        {
            await RefuseAsync(context, StatusCodes.Status400BadRequest, "document", problem!);
            return;
        }
        reports.Record(worker, progress);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private bool WithinBudget(string podUid)
    {
        var budget = budgets.GetOrAdd(podUid, _ => new MessageBudget(clock, perSecond: 5, burst: 50));
        lock (budget)
            return budget.TryTake();
    }

    private static async Task<ReadOnlyMemory<byte>?> BodyAsync(HttpRequest request, CancellationToken ct)
    {
        var buffer = new byte[LargestBody + 1];
        var length = await request.Body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, ct);
        return length <= LargestBody ? buffer.AsMemory(0, length) : (ReadOnlyMemory<byte>?)null;
    }

    private async Task RefuseAsync(HttpContext context, int status, string reason, string problem)
    {
        metrics.Refused(reason);
        context.Response.StatusCode = status;
        await context.Response.WriteAsJsonAsync(new Dictionary<string, string> { ["error"] = problem }, context.RequestAborted);
    }
}
