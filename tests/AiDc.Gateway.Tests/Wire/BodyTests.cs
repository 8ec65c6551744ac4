using System.Text;
using System.Text.RegularExpressions;
using AiDc.Gateway.Bodies;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;

namespace AiDc.Gateway.Tests.Wire;

/// <summary>Bodies that are long, slow, malformed, refused, or have to be sent again.</summary>
public sealed class BodyTests
{
    private const string Head = "POST /v1/namespaces/ns/services/model/work HTTP/1.1\r\nHost: gateway\r\nConnection: close\r\n";

    private readonly List<TestReplica> replicas = [];
    private TestGateway gateway = null!;

    [SetUp]
    public async Task StartAsync() => gateway = await TestGateway.StartAsync(("Gateway:BodyMemoryMiB", "2"));

    [TearDown]
    public async Task StopAsync()
    {
        await gateway.DisposeAsync();
        foreach (var replica in replicas) await replica.DisposeAsync();
        replicas.Clear();
    }

    [Test]
    public async Task A_body_that_is_too_long_for_the_replica_is_answered_as_the_replica_answers_it_and_costs_it_nothing([Values] bool chunked)
    {
        var replica = await ReplicaAsync("one");
        replica.Handler = async context =>
        {
            context.Features.Get<IHttpMaxRequestBodySizeFeature>()!.MaxRequestBodySize = 3_000_000;
            await context.Request.Body.CopyToAsync(Stream.Null);
            await context.Response.WriteAsync("read");
        };
        await gateway.ServeAsync(replica);
        var part = new byte[100_000];

        for (var i = 0; i < 20; i++)
        {
            using var client = await RawClient.ConnectAsync(gateway.Http);
            var answer = client.ReadAsync();
            await client.SendAsync(Head + (chunked ? "Transfer-Encoding: chunked\r\n\r\n" : "Content-Length: 8000000\r\n\r\n"));
            try
            {
                for (var sent = 0; sent < 80 && !answer.IsCompleted; sent++) await (chunked ? client.ChunkAsync(part) : client.SendAsync(part));
                if (chunked) await client.SendAsync("0\r\n\r\n");
            }
            catch (System.Net.Sockets.SocketException)
            {
                // The answer is there, and the rest is not wanted.
            }
            Assert.That(RawClient.StatusOf(await answer), Is.EqualTo(413));
            Assert.That(gateway.Service.Dispatcher.Find(replica.Address.Pod)!.IsUsable, Is.True);
        }
        Assert.That(gateway.Service.Dispatcher.Load().Revisions.Single().ErrorsTotal, Is.Zero);
    }

    [Test]
    public async Task A_malformed_body_is_the_callers_fault_and_nobody_elses([Values] bool beforeTheReplica)
    {
        var replica = await ReplicaAsync("one");
        await gateway.ServeAsync(replica);
        using var client = await RawClient.ConnectAsync(gateway.Http);

        await client.SendAsync(Head + "Transfer-Encoding: chunked\r\n\r\n");
        if (!beforeTheReplica)
            for (var i = 0; i < 20; i++) await client.ChunkAsync(new byte[100_000]);
        await client.SendAsync("no number\r\n\r\n");

        Assert.That(RawClient.StatusOf(await client.ReadAsync()), Is.EqualTo(400));
        Assert.That(gateway.Service.Dispatcher.Find(replica.Address.Pod)!.IsUsable, Is.True);
        Assert.That(gateway.Service.Dispatcher.Load().Revisions.Sum(r => (long)r.ErrorsTotal), Is.Zero);
    }

    [Test]
    public async Task Who_sends_slowly_has_no_place_at_a_replica()
    {
        var replica = await ReplicaAsync("one");
        await gateway.ServeAsync(TestGateway.Config(("r1", 100)) with { Concurrency = 1 }, replica);
        using var slow = await RawClient.ConnectAsync(gateway.Http);
        await slow.SendAsync(Head + "Content-Length: 10\r\n\r\nfirst");
        await Testing.Eventually.Assert(() => gateway.Service.Dispatcher.Load().Arrivals == 1);

        for (var i = 0; i < 5; i++) await gateway.EchoAsync();

        await slow.SendAsync("after");
        var answer = await slow.ReadAsync();
        Assert.That(RawClient.StatusOf(answer), Is.EqualTo(200));
        Assert.That(answer, Does.Contain("firstafter"));
    }

    [Test]
    public async Task What_bodies_take_together_is_bounded_and_beyond_it_they_are_streamed()
    {
        gateway.Table.Configure(TestGateway.Config());
        var body = new string('x', 500_000);
        var waiting = Enumerable.Range(0, 20).Select(_ => gateway.EchoAsync(body: body)).ToList();
        await Testing.Eventually.Assert(() => gateway.Service.Dispatcher.Load().Held == 20);
        Assert.That(gateway.Services.GetRequiredService<BodyBudget>().Used, Is.InRange(500_000, 2 * 1024 * 1024));

        var replica = await ReplicaAsync("one");
        gateway.Table.Put("model", replica.Address);

        foreach (var answer in await Task.WhenAll(waiting)) Assert.That(answer.Body, Has.Length.EqualTo(body.Length));
        await Testing.Eventually.Assert(() => gateway.Services.GetRequiredService<BodyBudget>().Used == 0);
    }

    [Test]
    public async Task A_body_is_let_go_when_the_answer_begins()
    {
        var (begun, goOn) = (new TaskCompletionSource(), new TaskCompletionSource());
        var replica = await ReplicaAsync("one");
        replica.Handler = async context =>
        {
            await context.Request.Body.CopyToAsync(Stream.Null);
            await context.Response.WriteAsync("begins");
            await context.Response.Body.FlushAsync();
            begun.SetResult();
            await goOn.Task;
        };
        await gateway.ServeAsync(replica);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/namespaces/ns/services/model/x") { Content = new ByteArrayContent(new byte[500_000]) };

        using var response = await gateway.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        await begun.Task;

        await Testing.Eventually.Assert(() => gateway.Services.GetRequiredService<BodyBudget>().Used == 0);
        goOn.SetResult();
        Assert.That(await response.Content.ReadAsStringAsync(), Is.EqualTo("begins"));
    }

    [Test]
    public async Task An_upload_that_is_still_running_is_sent_again_from_its_beginning()
    {
        var (one, two) = (await ReplicaAsync("one"), await ReplicaAsync("two"));
        foreach (var replica in replicas) replica.Handler = Hanging(replica);
        await gateway.ServeAsync(one, two);
        using var client = await RawClient.ConnectAsync(gateway.Http);
        await client.SendAsync(Head + "Transfer-Encoding: chunked\r\n\r\n");
        await client.ChunkAsync(Encoding.ASCII.GetBytes(new string('a', 50_000)));
        await Testing.Eventually.Assert(() => replicas.Exists(r => !r.Seen.IsEmpty), what: "it is under way");
        var first = replicas.First(r => !r.Seen.IsEmpty);
        foreach (var replica in replicas) replica.Handler = null;

        gateway.Table.Remove("model", first.Address.Pod);
        await Testing.Eventually.Assert(() => gateway.Service.Dispatcher.Load() is { Revisions: [{ RetriedTotal: 1 }] });
        await client.ChunkAsync(Encoding.ASCII.GetBytes(new string('b', 50_000)));
        await client.SendAsync("0\r\n\r\n");

        var answer = await client.ReadAsync();
        Assert.That(RawClient.StatusOf(answer), Is.EqualTo(200));
        var whole = Regex.Replace(answer, "\r\n[0-9a-f]+\r\n", ""); // The answer's own parts, put together.
        Assert.That(whole.Contains(new string('a', 50_000) + new string('b', 50_000), StringComparison.Ordinal), Is.True, "it is whole");
    }

    [Test]
    public async Task Time_that_runs_out_while_the_body_still_comes_is_not_the_replicas()
    {
        var replica = await ReplicaAsync("one");
        await gateway.ServeAsync(TestGateway.Config(("r1", 100)) with { Timeout = TimeSpan.FromSeconds(1) }, replica);
        using var client = await RawClient.ConnectAsync(gateway.Http);

        await client.SendAsync(Head + "Content-Length: 3000000\r\n\r\nx");

        Assert.That(RawClient.StatusOf(await client.ReadAsync()), Is.EqualTo(408));
        Assert.That(gateway.Service.Dispatcher.Load().Revisions.Single().ErrorsTotal, Is.Zero);
        Assert.That(gateway.Service.Dispatcher.Find(replica.Address.Pod)!.IsUsable, Is.True);
    }

    private static Func<HttpContext, Task> Hanging(TestReplica replica) => async context =>
    {
        var buffer = new byte[1000];
        await context.Request.Body.ReadExactlyAsync(buffer);
        replica.Seen.Enqueue(context.Request);
        await Task.Delay(Timeout.Infinite, context.RequestAborted);
    };

    private async Task<TestReplica> ReplicaAsync(string name)
    {
        var replica = await TestReplica.StartAsync(name);
        replicas.Add(replica);
        return replica;
    }
}
