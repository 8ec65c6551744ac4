using System.Security.Cryptography;
using System.Text;
using AiDc.Api.V1Alpha1;
using AiDc.ControllerRuntime;
using AiDc.ControllerRuntime.Caching;
using AiDc.ControllerRuntime.Client;
using k8s.Models;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Internal;

namespace AiDc.Operator.Coordination.Authentication;

/// <summary>
/// Proves workers by their tokens: TokenReview, then the live pod. Answers are kept for a short while under the token's hash, so that a
/// pod which reports each second costs two requests a minute; tokens themselves are neither kept nor logged.
/// </summary>
internal sealed partial class WorkerAuthenticator(
    IKubernetesClient client, TimeProvider clock, ILogger<WorkerAuthenticator> logger, IStore<TrainingJob>? jobs = null) : IDisposable
{
    private static readonly TimeSpan KeepWorker = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan KeepProblem = TimeSpan.FromSeconds(10);
    private const int Capacity = 50_000;
    private const int LongestToken = 16 * 1024;

    private readonly MemoryCache answers = new(new MemoryCacheOptions { SizeLimit = Capacity, Clock = new Clock(clock) });
    // A flood of bad tokens must not become a flood of reviews.
    private readonly SemaphoreSlim reviews = new(16);

    /// <param name="authorization">The value of the authorization header.</param>
    public async Task<AuthenticationResult> AuthenticateAsync(string? authorization, CancellationToken ct)
    {
        const string scheme = "Bearer ";
        if (authorization is null || !authorization.StartsWith(scheme, StringComparison.OrdinalIgnoreCase))
            return new(null, "no token: send 'Authorization: Bearer' with the content of $AIDC_TOKEN_FILE");
        var token = authorization[scheme.Length..].Trim();
        if (token.Length is 0 or > LongestToken)
            return new(null, "the token is not valid, or has expired");
        var key = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(token)));
        if (Known(key) is { } known)
            return known;
        await reviews.WaitAsync(ct);
        try
        {
            return Known(key) ?? Keep(key, await ReviewAsync(token, ct));
        }
        finally
        {
            reviews.Release();
        }
    }

    private async Task<AuthenticationResult> ReviewAsync(string token, CancellationToken ct)
    {
        try
        {
            var (bound, problem) = TokenReviews.Read(await client.CreateAsync(TokenReviews.Ask(token), ct));
            if (bound is null)
                return new(null, problem);
            var pod = await client.GetAsync<V1Pod>(new NamespacedName(bound.Namespace, bound.Name), ct);
            (var worker, problem) = WorkerPods.Identify(pod, bound);
            if (worker is not null)
                problem = await UnrecordedAsync(worker, WorkerPods.Incarnation(pod!), ct);
            return new(problem is null ? worker : null, problem);
        }
        catch (ApiException e)
        {
            NotAsked(e.Message);
            return new(null, "the API server could not be asked about the token: try again", Unavailable: true);
        }
    }

    /// <summary>The cache may be behind, and on a standby it is empty: it can say yes, and no only the server.</summary>
    private async Task<string?> UnrecordedAsync(WorkerIdentity worker, int incarnation, CancellationToken ct)
    {
        var name = new NamespacedName(worker.Job.Namespace, worker.Job.Name);
        return jobs?.Get(name) is { } cached && WorkerPods.Unrecorded(cached, worker, incarnation) is null
            ? null
            : WorkerPods.Unrecorded(await client.GetAsync<TrainingJob>(name, ct), worker, incarnation);
    }

    private AuthenticationResult? Known(string key) => answers.Get<AuthenticationResult>(key);

    private AuthenticationResult Keep(string key, AuthenticationResult result)
    {
        if (!result.Unavailable)
            answers.Set(key, result, new MemoryCacheEntryOptions { AbsoluteExpirationRelativeToNow = result.Worker is null ? KeepProblem : KeepWorker, Size = 1 });
        return result;
    }

    public void Dispose()
    {
        answers.Dispose();
        reviews.Dispose();
    }

    [LoggerMessage(2121, LogLevel.Warning, "A worker's token could not be checked: {Why}")]
    private partial void NotAsked(string why);

    private sealed class Clock(TimeProvider time) : ISystemClock
    {
        public DateTimeOffset UtcNow => time.GetUtcNow();
    }
}
