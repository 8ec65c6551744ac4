namespace AiDc.Architecture.Tests;

/// <summary>
/// Which rooms of a product may know which; the names are those of namespaces below the product's. docs/design.md draws the same. A new
/// arrow is a decision: it goes into this list and into the drawing, and never to a room from which a way leads back.
/// </summary>
internal static class AllowedArrows
{
    private static readonly Dictionary<string, string> Operator = new()
    {
        // What everything else stands on.
        ["Nodes"] = "Configuration Pods",
        ["Coordination"] = "Membership Coordination.Authentication Coordination.Board Coordination.Sessions Coordination.Trust",
        ["Coordination.Authentication"] = "Coordination",
        ["Coordination.Board"] = "Coordination Membership",
        ["Coordination.Sessions"] = "Coordination Coordination.Authentication Coordination.Board Coordination.Trust",
        ["Coordination.Trust"] = "Configuration Coordination",

        // Training: what is known of a job, what is decided on it, what becomes of a gang that trains together, what the status says.
        ["Training.Jobs"] = "Coordination Membership Nodes Planning Pods",
        ["Training.Policies"] = "Coordination Membership Nodes Planning Pods Training.Jobs",
        ["Training.Distributed"] = "Coordination Membership Nodes Planning Pods Training.Jobs Training.Policies",
        ["Training.Status"] = "Coordination Membership Planning Pods Training.Distributed Training.Jobs Training.Policies",
        ["Training.Builders"] = "Pods.Builders Training.Jobs",
        ["Training"] = "Configuration Coordination Membership Nodes Planning Pods "
            + "Training.Builders Training.Distributed Training.Jobs Training.Policies Training.Status",

        ["Serving.Builders"] = "Pods.Builders Serving",
        ["Serving.Demand"] = "Configuration Coordination Coordination.Authentication Coordination.Sessions",
        ["Serving.Gateways"] = "Configuration Nodes Serving.Demand",
        ["Serving.Scaling"] = "Serving Serving.Demand Serving.Observed",
        ["Serving.Policies"] = "Nodes Planning Serving Serving.Builders Serving.Demand Serving.Observed Serving.Scaling",
        ["Serving.Status"] = "Planning Serving Serving.Observed Serving.Policies",
        ["Serving"] = "Configuration Coordination.Sessions Nodes Planning Pods "
            + "Serving.Builders Serving.Demand Serving.Gateways Serving.Observed Serving.Policies Serving.Scaling Serving.Status",

        ["Hosting"] = "Configuration Coordination Coordination.Trust Nodes Pods Serving Serving.Demand Training",
    };

    // Protocol is known to more rooms than it says here: by its constants, of which a compiled assembly keeps the values alone.
    private static readonly Dictionary<string, string> Gateway = new()
    {
        ["Routing"] = "Replicas",
        ["Services"] = "Replicas Routing",
        ["Observability"] = "Attempts Bodies Configuration Replicas Routing Services",
        ["Admission"] = "Configuration Observability Protocol Services",
        ["Demand"] = "Configuration Replicas Routing Services",
        ["Forwarding"] = "Admission Attempts Bodies Configuration Observability Protocol Replicas Routing Services",
        ["Hosting"] = "Admission Bodies Configuration Demand Forwarding Observability Replicas Routing Services",
    };

    private static readonly Dictionary<string, string> Api = new()
    {
        ["Validation"] = "Schema V1Alpha1 Values",
    };

    private static readonly Dictionary<string, string> ControllerRuntime = new()
    {
        ["Client"] = "Json",
        ["Caching"] = "Client Json",
        ["Controllers"] = "Caching Client Json Queues",
        ["Events"] = "Client",
        ["Leadership"] = "Client",
        ["Hosting"] = "Caching Client Controllers Events Leadership",
    };

    /// <summary>By the product's root namespace.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<(string From, string To)>> All { get; } =
        new Dictionary<string, Dictionary<string, string>>
        {
            ["AiDc.Operator"] = Operator,
            ["AiDc.Gateway"] = Gateway,
            ["AiDc.Api"] = Api,
            ["AiDc.ControllerRuntime"] = ControllerRuntime,
        }.ToDictionary(
            p => p.Key,
            p => (IReadOnlyList<(string, string)>)[.. p.Value.SelectMany(r => r.Value.Split(' ').Select(to => (r.Key, to)))]);
}
