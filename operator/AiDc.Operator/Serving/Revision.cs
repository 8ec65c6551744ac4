namespace AiDc.Operator.Serving;

/// <summary>A revision that is to have replicas.</summary>
/// <param name="Name">Of its Deployment.</param>
/// <param name="Model">What it serves; null where its template brings its own, and where it is not known: see <paramref name="CanBeMade"/>.</param>
/// <param name="CanBeMade">False where the present spec does not say how its pods are made: it can be scaled, but not created.</param>
public sealed record Revision(string Name, ResolvedModel? Model, bool CanBeMade = true);
