using AiDc.ControllerRuntime.Client;
using AiDc.Operator.Configuration;
using AiDc.Operator.Coordination.Authentication;
using Microsoft.Extensions.Options;

namespace AiDc.Operator.Serving.Demand;

/// <summary>Proves gateways by their tokens: for our audience, and of the one service account that gateways run as.</summary>
internal sealed class GatewayAuthenticator(IKubernetesClient client, IOptions<OperatorOptions> options) : IDisposable
{
    private const int LongestToken = 16 * 1024;
    private const string Scheme = "Bearer ";

    // A flood of bad tokens must not become a flood of reviews.
    private readonly SemaphoreSlim reviews = new(4);

    /// <param name="authorization">The value of the authorization header.</param>
    /// <returns>Why it is refused, null if it is not; and whether that could not be found out now.</returns>
    public async Task<(string? Problem, bool Unavailable)> CheckAsync(string? authorization, CancellationToken ct)
    {
        if (authorization is null || !authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)) return ("no token: send 'Authorization: Bearer'", false);
        var token = authorization[Scheme.Length..].Trim();
        if (token.Length is 0 or > LongestToken) return ("the token is not valid, or has expired", false);
        await reviews.WaitAsync(ct);
        try
        {
            var review = await client.CreateAsync(TokenReviews.Ask(token), ct);
            return (Problem(review), false);
        }
        catch (ApiException)
        {
            return ("the API server could not be asked about the token: try again", true);
        }
        finally
        {
            reviews.Release();
        }
    }

    public void Dispose() => reviews.Dispose();

    private string? Problem(TokenReview review)
    {
        var (_, problem) = TokenReviews.Read(review);
        if (problem is not null) return problem;
        var expected = $"system:serviceaccount:{options.Value.Namespace}:{options.Value.GatewayServiceAccount}";
        return review.Status.User.Username == expected
            ? null
            : $"the token is {review.Status.User.Username}'s, and gateways run as {expected} (Operator:GatewayServiceAccount)";
    }
}
