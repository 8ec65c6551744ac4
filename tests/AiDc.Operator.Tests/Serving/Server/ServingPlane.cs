using System.Runtime.CompilerServices;
using AiDc.Operator.Tests.Training.Server;
using AiDc.Testing;

namespace AiDc.Operator.Tests.Serving.Server;

/// <summary>A real control plane with our definitions and the cluster's own Deployments, without kubelets. For all tests of this folder.</summary>
[SetUpFixture]
internal sealed class ServingPlane
{
    private static ControlPlane? plane;

    public static ControlPlane Plane => plane!;

    [OneTimeSetUp]
    public static async Task StartAsync()
    {
        plane = await ControlPlane.StartAsync(new()
        {
            ServiceAccounts = true,
            ControllerManagerArguments =
            [
                "--controllers=garbagecollector,deployment,replicaset,serviceaccount,serviceaccount-token,root-ca-cert-publisher",
                "--kube-api-qps=200", "--kube-api-burst=200",
            ],
        });
        await plane.KubectlAsync("apply", "--validate=false", "-f", Path.Combine(Root(), "crds"));
        using var client = TestCluster.ClientOf(plane.Configuration());
        await TrainingPlane.EstablishedAsync(plane, client);
    }

    [OneTimeTearDown]
    public static async Task StopAsync()
    {
        if (plane is not null) await plane.DisposeAsync();
    }

    private static string Root([CallerFilePath] string here = "")
    {
        for (var folder = Path.GetDirectoryName(here); folder is not null; folder = Path.GetDirectoryName(folder))
            if (File.Exists(Path.Combine(folder, "AiDc.sln"))) return folder;
        throw new DirectoryNotFoundException($"No AiDc.sln above {here}.");
    }
}
