using System.Runtime.CompilerServices;
using AiDc.Api.V1Alpha1;
using AiDc.ControllerRuntime.Client;
using AiDc.Testing;

namespace AiDc.Operator.Tests.Training.Server;

/// <summary>A real control plane with our definitions, without kubelets: tests say what becomes of pods. For all tests of this folder.</summary>
[SetUpFixture]
internal sealed class TrainingPlane
{
    public const string Node = "node-1";

    private static ControlPlane? plane;

    public static ControlPlane Plane => plane!;

    [OneTimeSetUp]
    public static async Task StartAsync()
    {
        plane = await ControlPlane.StartAsync(new()
        {
            ServiceAccounts = true,
            ControllerManagerArguments =
                ["--controllers=garbagecollector,resourcequota,serviceaccount,serviceaccount-token,root-ca-cert-publisher", "--kube-api-qps=200", "--kube-api-burst=200"],
        });
        await KubectlAsync("apply", "--validate=false", "-f", Path.Combine(RepositoryRoot(), "crds"));
        using var client = TestCluster.ClientOf(plane.Configuration());
        await EstablishedAsync(plane, client);
        await client.CreateAsync(TestNode.Named(Node).Build(), default);
    }

    [OneTimeTearDown]
    public static async Task StopAsync()
    {
        if (plane is not null) await plane.DisposeAsync();
    }

    /// <summary>
    /// Waits until the server serves our definitions, and kubectl knows them by their short names: what it was told before it keeps for
    /// minutes. (kubectl wait fails on a definition that has no condition yet.)
    /// </summary>
    public static async Task EstablishedAsync(ControlPlane plane, IKubernetesClient client)
    {
        await Eventually.Assert(
            async () =>
            {
                try
                {
                    await client.ListAsync<TrainingJob>("default", null, default);
                    await client.ListAsync<InferenceService>("default", null, default);
                    return true;
                }
                catch (ApiException e) when (e.IsNotFound)
                {
                    return false;
                }
            },
            TimeSpan.FromSeconds(60), "our definitions are served");
        await Eventually.Assert(
            async () => (await plane.KubectlAsync("api-resources", "--api-group=aidc.dev")) is var known && known.Contains("tj") && known.Contains("isvc"),
            TimeSpan.FromSeconds(60), "kubectl knows them");
    }

    /// <summary>Runs kubectl as the admin.</summary>
    public static Task<string> KubectlAsync(params string[] arguments) => Plane.KubectlAsync(arguments);

    private static string RepositoryRoot([CallerFilePath] string here = "")
    {
        for (var folder = Path.GetDirectoryName(here); folder is not null; folder = Path.GetDirectoryName(folder))
            if (File.Exists(Path.Combine(folder, "AiDc.sln"))) return folder;
        throw new DirectoryNotFoundException($"No AiDc.sln above {here}.");
    }
}
