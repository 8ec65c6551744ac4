namespace AiDc.EndToEnd;

/// <summary>The node of a gateway is lost.</summary>
public sealed class GatewayLossTests
{
    [Test]
    public void A_gateway_whose_node_is_lost_is_no_endpoint_any_more_before_the_cluster_itself_has_noticed()
    {
        Nodes.RequireLocalCluster();
        using var bed = new TestBed("gateway-loss");
        IsWhole();
        var gateway = Endpoints()[0];
        var node = Get("pod", gateway, "{.spec.nodeName}");

        using (Nodes.PowerOff(node, "drop"))
        {
            bed.Eventually("no caller is led to it", () => !Endpoints().Contains(gateway));
            Assert.Multiple(() =>
            {
                Assert.That(Get("node", node, "{.status.conditions[?(@.type==\"Ready\")].status}"), Is.EqualTo("True"), "the cluster still takes the node for good");
                Assert.That(Endpoints(), Is.Not.Empty, "the other one goes on");
            });
        }

        IsWhole();
    }

    private static void IsWhole() =>
        Shell.Run("kubectl", "-n", TestBed.OperatorNamespace, "rollout", "status", "deployment", "aidc-gateway", "--timeout=120s");

    /// <summary>The pods that the gateways' Service leads to.</summary>
    private static string[] Endpoints() =>
        Get("endpoints", "aidc-gateway", "{.subsets[*].addresses[*].targetRef.name}").Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private static string Get(string kind, string name, string path) =>
        Shell.Run("kubectl", "-n", TestBed.OperatorNamespace, "get", kind, name, "-o", $"jsonpath={path}").Trim();
}
