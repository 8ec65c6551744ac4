namespace AiDc.Operator.Coordination.Authentication;

/// <summary>The pod that a token is bound to.</summary>
internal sealed record PodReference(string Namespace, string Name, string Uid);
