using System.Net;
using System.Net.Http.Json;
using System.Text;
using AiDc.Api;
using AiDc.Api.V1Alpha1;
using AiDc.ControllerRuntime;
using AiDc.ControllerRuntime.Client;
using AiDc.Gateway.Tests.Wire;
using AiDc.Testing;
using k8s.Models;

namespace AiDc.Gateway.Tests.Server;

/// <summary>A gateway that knows what it knows from a real API server, with the rights that the chart gives it.</summary>
[Category("Integration")]
public sealed class ClusterTests
{
    private string space = null!;
    private TestGateway gateway = null!;

    [SetUp]
    public async Task StartAsync()
    {
        space = (await TestNamespace.CreateAsync(GatewayPlane.Plane)).Name;
        gateway = await TestGateway.StartAsync(GatewayPlane.Plane.Configuration(userToken: GatewayPlane.GatewayToken), ("Gateway:ApiKeySecrets:0", "aidc-api-keys"));
        using var admin = new HttpClient();
        await Eventually.Assert(async () => (await admin.GetAsync(new Uri(gateway.Admin, "/readyz"))).IsSuccessStatusCode, what: "the caches are complete");
    }

    [TearDown]
    public Task StopAsync() => gateway.DisposeAsync().AsTask();

    [Test]
    public async Task A_service_is_served_from_the_moment_it_has_a_replica_until_it_is_deleted()
    {
        Assert.That(await StatusAsync(), Is.EqualTo(HttpStatusCode.NotFound));
        await CreateServiceAsync(new());
        await Eventually.Assert(() => gateway.Table.Find(new(space, "model")) is not null);
        var held = SendAsync();
        await using var replica = await TestReplica.StartAsync("one", "model-1");

        await CreatePodAsync(replica);
        using var answer = await held;
        Assert.That((await answer.Content.ReadFromJsonAsync<EchoAnswer>())!.Replica, Is.EqualTo("one"));

        await GatewayPlane.Admin.DeleteAsync<InferenceService>(new(space, "model"), null, default);
        await Eventually.Assert(async () => await StatusAsync() == HttpStatusCode.NotFound);
    }

    [Test]
    public async Task Shares_are_those_of_the_status()
    {
        await using var stable = await TestReplica.StartAsync("stable", "model-1");
        await using var canary = await TestReplica.StartAsync("canary", "model-2");
        await CreateServiceAsync(new(), ("model-1", 0), ("model-2", 100));
        await CreatePodAsync(stable);
        await CreatePodAsync(canary);
        await Eventually.Assert(async () => await StatusAsync() == HttpStatusCode.OK);
        Assert.That(stable.Executed, Is.Empty);

        await WriteStatusAsync(("model-1", 100), ("model-2", 0));

        await Eventually.Assert(async () => await StatusAsync() == HttpStatusCode.OK && !stable.Executed.IsEmpty);
        var before = canary.Executed.Count;
        for (var i = 0; i < 20; i++) await StatusAsync();
        Assert.That(canary.Executed, Has.Count.EqualTo(before));
    }

    [Test]
    public async Task A_pod_that_is_deleted_gets_nothing_more_and_the_next_one_does()
    {
        await using var one = await TestReplica.StartAsync("one", "model-1");
        await using var two = await TestReplica.StartAsync("two", "model-1");
        await CreateServiceAsync(new(), ("model-1", 100));
        await CreatePodAsync(one);
        await Eventually.Assert(async () => await StatusAsync() == HttpStatusCode.OK);

        await GatewayPlane.Admin.DeleteAsync<V1Pod>(new(space, "one"), new(GracePeriodSeconds: 0), default);
        await Eventually.Assert(() => gateway.Table.Find(new(space, "model"))!.Dispatcher.Find(new(space, "one")) is null);
        var before = one.Executed.Count;
        var held = StatusAsync();
        await CreatePodAsync(two);

        Assert.That(await held, Is.EqualTo(HttpStatusCode.OK));
        Assert.That((one.Executed.Count, two.Executed.Count), Is.EqualTo((before, 1)));
    }

    [Test]
    public async Task Keys_are_those_of_the_secret_as_it_is_now()
    {
        await using var replica = await TestReplica.StartAsync("one", "model-1");
        await CreateServiceAsync(new() { ApiKeys = new() { SecretRef = new() { Name = "aidc-api-keys" } } }, ("model-1", 100));
        await CreatePodAsync(replica);
        await Eventually.Assert(async () => await StatusAsync("first") == HttpStatusCode.ServiceUnavailable, what: "no Secret, no entry");

        await GatewayPlane.Admin.CreateAsync(new V1Secret
        {
            Metadata = new() { Name = "aidc-api-keys", NamespaceProperty = space }, Data = new Dictionary<string, byte[]> { ["alice"] = Encoding.UTF8.GetBytes("first\n") },
        }, default);
        await Eventually.Assert(async () => await StatusAsync("first") == HttpStatusCode.OK);
        Assert.That(await StatusAsync("second"), Is.EqualTo(HttpStatusCode.Unauthorized));
        Assert.That(await StatusAsync(), Is.EqualTo(HttpStatusCode.Unauthorized));
        using var seen = await SendAsync("first");
        Assert.That((await seen.Content.ReadFromJsonAsync<EchoAnswer>())!.Headers, Does.Not.ContainKey("authorization"), "the key ends at the gateway");

        await GatewayPlane.Admin.PatchMergeAsync<V1Secret>(
            new(space, "aidc-api-keys"), new { data = new { alice = Convert.ToBase64String("second"u8) } }, default);
        await Eventually.Assert(async () => await StatusAsync("second") == HttpStatusCode.OK);
        Assert.That(await StatusAsync("first"), Is.EqualTo(HttpStatusCode.Unauthorized));
    }

    [Test]
    public async Task No_other_secret_is_within_its_reach()
    {
        using var gatewaysOwn = GatewayPlane.ClientOf(GatewayPlane.GatewayToken);

        foreach (var attempt in new Func<Task>[]
        {
            () => gatewaysOwn.GetAsync<V1Secret>(new(space, "aidc-coordinator-ca"), default),
            () => gatewaysOwn.ListAsync<V1Secret>(null, null, default),
            () => gatewaysOwn.ListAsync<V1Secret>(space, new(FieldSelector: "metadata.name=aidc-coordinator-ca"), default),
            () => gatewaysOwn.DeleteAsync<V1Pod>(new(space, "one"), null, default),
        })
        {
            var refused = await Assert.ThrowsAsync<ApiException>(() => attempt());
            Assert.That(refused!.Code, Is.EqualTo(HttpStatusCode.Forbidden));
        }
    }

    [Test]
    public async Task While_the_API_server_is_away_it_serves_on()
    {
        await using var proxy = await FaultProxy.StartAsync(GatewayPlane.Plane);
        await using var own = await TestGateway.StartAsync(GatewayPlane.Plane.Configuration(proxy.Address, GatewayPlane.GatewayToken));
        await using var replica = await TestReplica.StartAsync("one", "model-1");
        await CreateServiceAsync(new(), ("model-1", 100));
        await CreatePodAsync(replica);
        await Eventually.Assert(() => own.Table.Find(new(space, "model"))?.Dispatcher.Find(new(space, "one")) is { IsUsable: true });
        using var admin = new HttpClient();

        proxy.Disconnect();
        for (var i = 0; i < 20; i++)
        {
            using var response = await own.Client.PostAsync($"/v1/namespaces/{space}/services/model/work", new StringContent("{}"));
            Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        }
        Assert.That((await admin.GetAsync(new Uri(own.Admin, "/healthz"))).StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That((await admin.GetAsync(new Uri(own.Admin, "/readyz"))).StatusCode, Is.EqualTo(HttpStatusCode.OK));
        proxy.Connect();
    }

    private Task<HttpResponseMessage> SendAsync(string? key = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, $"/v1/namespaces/{space}/services/model/work") { Content = new StringContent("{}") };
        if (key is not null) request.Headers.Authorization = new("Bearer", key);
        return gateway.Client.SendAsync(request);
    }

    private async Task<HttpStatusCode> StatusAsync(string? key = null)
    {
        using var response = await SendAsync(key);
        return response.StatusCode;
    }

    private async Task CreateServiceAsync(InferenceServiceSpec spec, params (string Revision, int Weight)[] revisions)
    {
        await GatewayPlane.Admin.CreateAsync(new InferenceService
        {
            Metadata = new() { Name = "model", NamespaceProperty = space },
            Spec = spec with { Model = new ServedModelSpec { Uri = "https://models.invalid/m.zip", Format = "aidc" } },
        }, default);
        if (revisions.Length > 0) await WriteStatusAsync(revisions);
    }

    private async Task WriteStatusAsync(params (string Revision, int Weight)[] revisions)
    {
        var service = (await GatewayPlane.Admin.GetAsync<InferenceService>(new(space, "model"), default))!;
        await GatewayPlane.Admin.ApplyStatusAsync(
            service, service.Status with { Revisions = [.. revisions.Select(r => new RevisionStatus { Name = r.Revision, Weight = r.Weight })] }, default);
    }

    /// <summary>A pod as the operator makes it and a kubelet starts it.</summary>
    private async Task CreatePodAsync(TestReplica replica)
    {
        await GatewayPlane.Admin.CreateAsync(new V1Pod
        {
            Metadata = new()
            {
                Name = replica.Name,
                NamespaceProperty = space,
                Labels = new Dictionary<string, string> { [Labels.InferenceService] = "model", [Labels.Revision] = replica.Revision },
                Annotations = new Dictionary<string, string>
                {
                    [Annotations.HttpPort] = $"{replica.HttpPort}", [Annotations.GrpcPort] = $"{replica.GrpcPort}", [Annotations.ProbePath] = "/ready",
                },
            },
            Spec = new() { Containers = [new V1Container { Name = "server", Image = "aidc-trainer" }] },
        }, default);
        await GatewayPlane.Admin.PatchMergeAsync<V1Pod>(
            new NamespacedName(space, replica.Name),
            new { status = new { phase = "Running", podIP = "127.0.0.1", podIPs = new[] { new { ip = "127.0.0.1" } }, conditions = new[] { new { type = "Ready", status = "True" } } } },
            default, "status");
    }
}
