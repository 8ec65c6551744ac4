using k8s.Models;

namespace AiDc.Operator.Coordination.Authentication;

/// <summary>The client library's record does not know its plural, as nobody lists token reviews; without it there is no URL to post to.</summary>
[KubernetesEntity(Group = "authentication.k8s.io", ApiVersion = "v1", Kind = "TokenReview", PluralName = "tokenreviews")]
internal sealed record TokenReview : V1TokenReview;
