using System.Net;
using System.Text.Json.Nodes;
using AiDc.ControllerRuntime.Client;
using AiDc.ControllerRuntime.Controllers;
using AiDc.Testing;
using k8s.Models;

namespace AiDc.ControllerRuntime.Tests;

/// <summary>The client against a real API server behind a proxy that breaks things.</summary>
[Category("Integration")]
public sealed class ClientTests
{
    private TestRuntime runtime = null!;

    [SetUp]
    public async Task SetUpAsync() => runtime = await TestRuntime.StartAsync();

    [TearDown]
    public async Task TearDownAsync() => await runtime.DisposeAsync();

    [Test]
    public async Task What_does_not_exist_is_null_and_its_delete_is_false()
    {
        Assert.That(await runtime.Client.GetAsync<V1ConfigMap>(runtime.Name("none"), default), Is.Null);
        Assert.That(await runtime.Client.DeleteAsync<V1ConfigMap>(runtime.Name("none"), null, default), Is.False);
    }

    [Test]
    public async Task A_refused_request_says_who_refused_what_and_why()
    {
        await runtime.Client.CreateAsync(runtime.Map("one"), default);
        var e = (await Assert.ThrowsAsync<ApiException>(() => runtime.Client.CreateAsync(runtime.Map("one"), default)))!;
        Assert.That((e.Code, e.Reason, e.IsAlreadyExists, e.IsConflict), Is.EqualTo((HttpStatusCode.Conflict, "AlreadyExists", true, false)));
        Assert.That(e.Message, Does.Contain("POST").And.Contain("configmaps \"one\" already exists"));
    }

    [TestCase("GET")]
    [TestCase("POST")]
    public async Task A_request_answered_with_429_is_sent_again_as_the_server_asks(string method)
    {
        if (method == "GET") await runtime.Direct.CreateAsync(runtime.Map("one"), default);
        runtime.Proxy.Next(r => r.Method == method, new Fault.Refusal(429, "TooManyRequests", "slow down", RetryAfterSeconds: 1), times: 2);
        if (method == "GET") Assert.That(await runtime.Client.GetAsync<V1ConfigMap>(runtime.Name("one"), default), Is.Not.Null);
        else await runtime.Client.CreateAsync(runtime.Map("one"), default);
        Assert.That(await runtime.Direct.GetAsync<V1ConfigMap>(runtime.Name("one"), default), Is.Not.Null);
    }

    [Test]
    public async Task A_create_answered_with_ServerTimeout_is_sent_again()
    {
        runtime.Proxy.Next(
            r => r.Method == "POST", new Fault.Refusal(500, "ServerTimeout", "No API token found for service account", RetryAfterSeconds: 1));
        var receipt = await runtime.Client.CreateFastAsync(runtime.Map("one"), default);
        Assert.That((await runtime.Direct.GetAsync<V1ConfigMap>(runtime.Name("one"), default))!.Metadata.Uid, Is.EqualTo(receipt.Uid));
    }

    [Test]
    public async Task A_create_answered_with_another_500_is_not_sent_again()
    {
        runtime.Proxy.Next(r => r.Method == "POST", new Fault.Refusal(500, "InternalError", "boom"));
        await Assert.ThrowsAsync<ApiException>(() => runtime.Client.CreateAsync(runtime.Map("one"), default));
        Assert.That(await runtime.Direct.GetAsync<V1ConfigMap>(runtime.Name("one"), default), Is.Null);
    }

    [Test]
    public async Task A_patch_whose_answer_is_lost_is_sent_again_and_a_create_is_not()
    {
        await runtime.Direct.CreateAsync(runtime.Map("one"), default);
        runtime.Proxy.Next(r => r.Method is "PATCH" or "POST", new Fault.LoseAnswer());
        var patched = await runtime.Client.PatchMergeAsync<V1ConfigMap>(runtime.Name("one"), new { data = new { value = "2" } }, default);
        Assert.That(patched.Data["value"], Is.EqualTo("2"));

        runtime.Proxy.Next(r => r.Method is "PATCH" or "POST", new Fault.LoseAnswer());
        var e = (await Assert.ThrowsAsync<ApiException>(() => runtime.Client.CreateAsync(runtime.Map("two"), default)))!;
        Assert.That(e.Code, Is.EqualTo((HttpStatusCode)0));
        Assert.That(await runtime.Direct.GetAsync<V1ConfigMap>(runtime.Name("two"), default), Is.Not.Null, "it was made: the next look finds it");
    }

    [Test]
    public async Task A_server_that_does_not_answer_is_an_error_that_says_so()
    {
        using var hasty = runtime.CreateClient(runtime.Plane.Configuration(runtime.Proxy.Address), new() { RequestTimeout = TimeSpan.FromMilliseconds(300) });
        runtime.Proxy.Next(_ => true, new Fault.Hang(), times: 10);
        var e = (await Assert.ThrowsAsync<ApiException>(() => hasty.GetAsync<V1ConfigMap>(runtime.Name("one"), default)))!;
        Assert.That(e.Message, Does.Contain("no answer within 0.3 s"));
    }

    [Test]
    public async Task A_list_is_followed_through_its_pages()
    {
        await runtime.CreateMapsAsync(0, 7);
        var list = await runtime.Client.ListAsync<V1ConfigMap>(runtime.Namespace, new(FieldSelector: "metadata.name!=kube-root-ca.crt", PageSize: 3), default);
        Assert.That(list.Items.Select(m => m.Metadata.Name), Is.EquivalentTo(Enumerable.Range(0, 7).Select(i => $"map-{i}")));
        Assert.That(runtime.Proxy.Requests.Count(r => r.Contains("limit=3", StringComparison.Ordinal)), Is.EqualTo(3));
    }

    [Test]
    public async Task A_list_whose_continuation_expired_is_asked_for_whole()
    {
        await runtime.CreateMapsAsync(0, 7);
        runtime.Proxy.Next(r => r.Query.ContainsKey("continue"), new Fault.Refusal(410, "Expired", "The provided continue parameter is too old"));
        var list = await runtime.Client.ListAsync<V1ConfigMap>(runtime.Namespace, new(PageSize: 3), default);
        Assert.That(list.Items.Count(m => m.Metadata.Name.StartsWith("map-", StringComparison.Ordinal)), Is.EqualTo(7));
    }

    [Test]
    public async Task A_write_at_a_version_that_has_passed_is_a_conflict()
    {
        var old = await runtime.Client.CreateAsync(TestPod.Named(runtime.Namespace, "pod").Build(), default);
        await runtime.Client.PatchMergeAsync<V1Pod>(runtime.Name("pod"), new { metadata = new { labels = new { a = "b" } } }, default);

        var e = (await Assert.ThrowsAsync<ApiException>(
            () => runtime.Client.ApplyStatusAsync(old, new V1PodStatus { Phase = "Running" }, default, old.Metadata.ResourceVersion)))!;
        Assert.That(e.IsConflict, Is.True);
        var now = await runtime.Client.ApplyStatusAsync(old, new V1PodStatus { Phase = "Running" }, default);
        Assert.That(now.Status.Phase, Is.EqualTo("Running"), "without a version the last writer wins");
    }

    [Test]
    public async Task A_status_lands_on_no_other_object_of_the_same_name()
    {
        var old = await runtime.Client.CreateAsync(TestPod.Named(runtime.Namespace, "pod").Build(), default);
        await runtime.Client.DeleteAsync<V1Pod>(runtime.Name("pod"), new(GracePeriodSeconds: 0), default);
        await runtime.Client.CreateAsync(TestPod.Named(runtime.Namespace, "pod").Build(), default);
        var e = (await Assert.ThrowsAsync<ApiException>(() => runtime.Client.ApplyStatusAsync(old, new V1PodStatus { Phase = "Running" }, default)))!;
        Assert.That(e.IsConflict, Is.True, e.Message);
    }

    [Test]
    public async Task A_status_loses_the_fields_that_are_no_longer_in_it()
    {
        var pod = await runtime.Client.CreateAsync(TestPod.Named(runtime.Namespace, "pod").Build(), default);
        var first = await runtime.Client.ApplyStatusAsync(pod, new V1PodStatus { Phase = "Running", Message = "m", Reason = "r", PodIP = "10.1.2.3" }, default);
        Assert.That(first.Status.Message, Is.EqualTo("m"));
        // Written from an old copy, which knew nothing of the message: gone all the same.
        var second = await runtime.Client.ApplyStatusAsync(pod, new V1PodStatus { Phase = "Failed", PodIP = "10.1.2.3" }, default);
        Assert.That((second.Status.Phase, second.Status.Message, second.Status.Reason, second.Status.PodIP), Is.EqualTo(("Failed", (string?)null, (string?)null, "10.1.2.3")));
    }

    [Test]
    public async Task A_delete_spares_an_object_with_another_uid()
    {
        var map = await runtime.Client.CreateAsync(runtime.Map("one"), default);
        var e = (await Assert.ThrowsAsync<ApiException>(() => runtime.Client.DeleteAsync<V1ConfigMap>(runtime.Name("one"), new(Uid: "other"), default)))!;
        Assert.That(e.IsConflict, Is.True);
        Assert.That(await runtime.Client.DeleteAsync<V1ConfigMap>(runtime.Name("one"), new(Uid: map.Metadata.Uid), default), Is.True);
        Assert.That(await runtime.Client.GetAsync<V1ConfigMap>(runtime.Name("one"), default), Is.Null);
    }

    [Test]
    public async Task Creating_many_reports_each()
    {
        await runtime.Direct.CreateAsync(TestPod.Named(runtime.Namespace, "pod-3").Build(), default);
        var pods = Enumerable.Range(0, 20).Select(i => TestPod.Named(runtime.Namespace, $"pod-{i}").Build()).ToList();
        var outcomes = await runtime.Client.CreateManyAsync(pods, default);
        Assert.That(outcomes.Where(o => o.Error is not null).Select(o => o.Desired.Metadata.Name), Is.EqualTo(["pod-3"]));
        var world = (await runtime.Direct.ListAsync<V1Pod>(runtime.Namespace, null, default)).Items.ToDictionary(p => p.Metadata.Name, p => p.Metadata);
        foreach (var outcome in outcomes.Where(o => o.Receipt is not null))
            Assert.That(world[outcome.Desired.Metadata.Name], Has.Property("Uid").EqualTo(outcome.Receipt!.Uid).And.Property("ResourceVersion").EqualTo(outcome.Receipt.ResourceVersion));
    }

    [Test]
    public async Task What_was_applied_needs_no_second_apply_whatever_the_server_added()
    {
        var service = new V1Service
        {
            Metadata = new() { Name = "svc", NamespaceProperty = runtime.Namespace, Labels = new Dictionary<string, string> { ["a"] = "b" } },
            Spec = new() { Selector = new Dictionary<string, string> { ["x"] = "y" }, Ports = [new() { Name = "p", Port = 80, Protocol = "TCP" }] },
        };
        var observed = await runtime.Client.ApplyAsync(service, "tests", default);
        Assert.That(ApplyDiff.FirstDifference(service, observed), Is.Null);

        service.Spec.Ports[0].TargetPort = "web";
        Assert.That(ApplyDiff.FirstDifference(service, observed), Is.EqualTo("spec.ports.targetPort"));
        observed = await runtime.Client.ApplyAsync(service, "tests", default);
        Assert.That(ApplyDiff.NeedsApply(service, observed), Is.False);
        Assert.That(observed.Spec.ClusterIP, Is.Not.Null, "what others set stays");
    }

    [Test]
    public async Task A_pod_as_created_equals_what_was_asked_for()
    {
        var pod = TestPod.Named(runtime.Namespace, "pod").Label("a", "b").Build();
        pod.Spec.Containers[0].Resources.Limits = new Dictionary<string, ResourceQuantity> { ["memory"] = new("1024Mi"), ["cpu"] = new("0.5") };
        pod.Spec.Containers[0].Env = [new() { Name = "X", Value = "1" }];
        var observed = await runtime.Client.CreateAsync(pod, default);
        Assert.That(ApplyDiff.FirstDifference(pod, observed), Is.Null);
        pod.Spec.Containers[0].Env[0].Value = "2";
        Assert.That(ApplyDiff.FirstDifference(pod, observed), Is.EqualTo("spec.containers.env.value"));
    }

    [Test]
    public async Task A_finalizer_keeps_an_object_until_it_is_removed_and_others_are_left_alone()
    {
        var map = runtime.Map("one");
        map.Metadata.Finalizers = ["example.com/theirs"];
        var mine = await FinalizerHelper.EnsureAsync(runtime.Client, await runtime.Client.CreateAsync(map, default), "example.com/mine", default);
        Assert.That(mine.Metadata.Finalizers, Is.EqualTo(["example.com/theirs", "example.com/mine"]));
        await runtime.Client.DeleteAsync<V1ConfigMap>(runtime.Name("one"), null, default);

        var deleting = (await runtime.Client.GetAsync<V1ConfigMap>(runtime.Name("one"), default))!;
        Assert.That(deleting.Metadata.DeletionTimestamp, Is.Not.Null);
        await FinalizerHelper.RemoveAsync(runtime.Client, deleting, "example.com/mine");
        Assert.That((await runtime.Client.GetAsync<V1ConfigMap>(runtime.Name("one"), default))!.Metadata.Finalizers, Is.EqualTo(["example.com/theirs"]));
        await runtime.Client.PatchMergeAsync<V1ConfigMap>(
            runtime.Name("one"), new JsonObject { ["metadata"] = new JsonObject { ["finalizers"] = null } }, default);
        Assert.That(await runtime.Client.GetAsync<V1ConfigMap>(runtime.Name("one"), default), Is.Null);
    }
}
