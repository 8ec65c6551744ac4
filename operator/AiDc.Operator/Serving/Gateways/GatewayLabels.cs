namespace AiDc.Operator.Serving.Gateways;

/// <summary>The labels of the gateways' pods, as the chart has them.</summary>
internal static class GatewayLabels
{
    /// <summary>The one by which the Service knows the gateways among the release's pods.</summary>
    public const string Component = "app.kubernetes.io/component";

    public static IReadOnlyDictionary<string, string> All { get; } = new Dictionary<string, string>
    {
        ["app.kubernetes.io/name"] = "aidc",
        [Component] = "gateway",
    };
}
