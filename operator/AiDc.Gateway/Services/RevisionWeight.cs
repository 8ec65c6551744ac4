namespace AiDc.Gateway.Services;

/// <summary>A revision and its share of the requests in percent.</summary>
internal readonly record struct RevisionWeight(string Name, int Weight);
