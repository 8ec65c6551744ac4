using AiDc.Api;
using k8s.Models;

namespace AiDc.Operator.Coordination.Authentication;

/// <summary>The question to the API server about a token, and what its answer proves. Pure.</summary>
internal static class TokenReviews
{
    private const string PodName = "authentication.kubernetes.io/pod-name";
    private const string PodUid = "authentication.kubernetes.io/pod-uid";
    private const string ServiceAccount = "system:serviceaccount:";

    public static TokenReview Ask(string token) => new()
    {
        ApiVersion = "authentication.k8s.io/v1",
        Kind = "TokenReview",
        Metadata = new V1ObjectMeta(),
        Spec = new V1TokenReviewSpec { Token = token, Audiences = [PodToken.Audience] },
    };

    public static (PodReference? Pod, string? Problem) Read(TokenReview review)
    {
        var status = review.Status;
        if (status?.Authenticated != true)
            return (null, "the token is not valid, or has expired");
        // A server that does not know audiences answers without them: then nothing says that the token was meant for us.
        if (status.Audiences?.Contains(PodToken.Audience) != true)
            return (null, $"the token is not for the audience {PodToken.Audience}");
        var user = status.User;
        if (user?.Username is not { } name || !name.StartsWith(ServiceAccount, StringComparison.Ordinal))
            return (null, "the token is not a service account's");
        var parts = name[ServiceAccount.Length..].Split(':');
        if (parts.Length != 2 || First(user.Extra, PodName) is not { } pod || First(user.Extra, PodUid) is not { } uid)
            return (null, "the token is not bound to a pod");
        return (new(parts[0], pod, uid), null);
    }

    private static string? First(IDictionary<string, IList<string>>? extra, string key) =>
        extra is not null && extra.TryGetValue(key, out var values) && values is [{ Length: > 0 } value, ..] ? value : null;
}

/// <summary>The client library's record does not know its plural, as nobody lists token reviews; without it there is no URL to post to.</summary>
[KubernetesEntity(Group = "authentication.k8s.io", ApiVersion = "v1", Kind = "TokenReview", PluralName = "tokenreviews")]
internal sealed record TokenReview : V1TokenReview;

/// <summary>Either a worker, or why not. <paramref name="Unavailable"/>: it could not be found out now; the caller should ask again.</summary>
internal sealed record AuthenticationResult(WorkerIdentity? Worker, string? Problem, bool Unavailable = false);

/// <summary>The pod that a token is bound to.</summary>
internal sealed record PodReference(string Namespace, string Name, string Uid);
