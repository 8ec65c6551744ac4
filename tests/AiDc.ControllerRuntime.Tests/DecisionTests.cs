using System.Net;
using AiDc.ControllerRuntime.Caching;
using AiDc.ControllerRuntime.Client;
using AiDc.ControllerRuntime.Controllers;
using static AiDc.ControllerRuntime.Caching.InformerOutcomeKind;
using static AiDc.ControllerRuntime.Caching.InformerStep;

namespace AiDc.ControllerRuntime.Tests;

/// <summary>The tables by which informers and the client decide.</summary>
public sealed class DecisionTests
{
    // step, outcome, seconds lived, events, Retry-After, failures before -> step, delay at random 0.5, failures after
    [TestCase(ListCached, Listed, 0, 0, null, 0, Watch, 0, 0)]
    [TestCase(ListConsistent, Listed, 0, 0, null, 3, Watch, 0, 3)]
    [TestCase(Watch, Ended, 300, 0, null, 3, Watch, 0, 0)]
    [TestCase(Watch, Ended, 60, 0, null, 3, Watch, 0, 3)]
    [TestCase(Watch, Ended, 0.1, 5, null, 0, Watch, 0, 0)]
    [TestCase(Watch, Ended, 0.1, 0, null, 0, Watch, 0.4, 1)]
    [TestCase(Watch, Ended, 0.1, 0, null, 2, Watch, 1.6, 3)]
    [TestCase(Watch, VersionRefused, 60, 0, null, 0, ListNotOlder, 0, 1)]
    [TestCase(Watch, VersionRefused, 0.1, 0, null, 0, ListNotOlder, 0, 1)]
    [TestCase(Watch, VersionRefused, 0.1, 0, null, 1, ListConsistent, 0.8, 2)]
    [TestCase(ListCached, VersionRefused, 0, 0, null, 0, ListConsistent, 0, 0)]
    [TestCase(ListNotOlder, VersionRefused, 0, 0, null, 1, ListConsistent, 0, 1)]
    [TestCase(ListConsistent, VersionRefused, 0, 0, null, 1, ListConsistent, 0.8, 2)]
    [TestCase(Watch, Undecodable, 60, 7, null, 0, ListNotOlder, 0.4, 1)]
    [TestCase(Watch, Throttled, 0, 0, 7, 0, Watch, 7.35, 1)]
    [TestCase(Watch, Throttled, 0, 0, null, 0, Watch, 0.4, 1)]
    [TestCase(ListCached, Throttled, 0, 0, 2, 0, ListCached, 2.1, 1)]
    [TestCase(Watch, Denied, 0, 0, null, 0, Watch, 0.4, 1)]
    [TestCase(ListCached, Denied, 0, 0, null, 4, ListCached, 6.4, 5)]
    [TestCase(Watch, Failed, 1, 0, null, 0, Watch, 0.4, 1)]
    [TestCase(Watch, Failed, 130, 0, null, 9, Watch, 0.4, 1)]
    [TestCase(ListConsistent, Failed, 0, 0, null, 90, ListConsistent, 15, 91)]
    [TestCase(Watch, Cancelled, 5, 0, null, 3, Stop, 0, 0)]
    public void The_outcome_table_of_informers(
        InformerStep step, InformerOutcomeKind kind, double lived, int events, int? retryAfter, int failures,
        InformerStep next, double delay, int failuresAfter)
    {
        var outcome = new InformerOutcome(kind, TimeSpan.FromSeconds(lived), events, retryAfter is { } s ? TimeSpan.FromSeconds(s) : null);
        var decision = new InformerDecision(step, TimeSpan.Zero, failures).Next(outcome, random: 0.5);
        Assert.That(decision, Is.EqualTo(new InformerDecision(next, TimeSpan.FromSeconds(delay), failuresAfter)));
    }

    [TestCase(RequestFailureKind.NeverSent, 0, null, true, true)]
    [TestCase(RequestFailureKind.Broken, 0, null, true, false)]
    [TestCase(RequestFailureKind.TimedOut, 0, null, false, false)]
    [TestCase(RequestFailureKind.Answered, 429, "TooManyRequests", true, true)]
    [TestCase(RequestFailureKind.Answered, 503, "ServiceUnavailable", true, false)]
    [TestCase(RequestFailureKind.Answered, 500, "ServerTimeout", true, true)]
    [TestCase(RequestFailureKind.Answered, 500, "InternalError", false, false)]
    [TestCase(RequestFailureKind.Answered, 504, "Timeout", false, false)]
    [TestCase(RequestFailureKind.Answered, 504, null, true, false)]
    [TestCase(RequestFailureKind.Answered, 409, "Conflict", false, false)]
    [TestCase(RequestFailureKind.Answered, 403, "Forbidden", false, false)]
    [TestCase(RequestFailureKind.Answered, 410, "Expired", false, false)]
    public void What_is_sent_again(RequestFailureKind kind, int code, string? reason, bool idempotent, bool create)
    {
        var failure = new RequestFailure(kind, (HttpStatusCode)code, reason, null);
        Assert.That(RetryPolicy.Delay(true, failure, 1, 0.5) is not null, Is.EqualTo(idempotent));
        Assert.That(RetryPolicy.Delay(false, failure, 1, 0.5) is not null, Is.EqualTo(create));
        Assert.That(RetryPolicy.Delay(true, failure, RetryPolicy.MaxAttempts, 0.5), Is.Null, "an end");
    }

    [Test]
    public void What_the_server_asks_for_is_waited_for_and_never_less()
    {
        var failure = new RequestFailure(RequestFailureKind.Answered, HttpStatusCode.TooManyRequests, null, TimeSpan.FromSeconds(3));
        Assert.That(RetryPolicy.Delay(false, failure, 1, 0), Is.EqualTo(TimeSpan.FromSeconds(3)));
        Assert.That(RetryPolicy.Delay(false, failure, 1, 0.99), Is.InRange(TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(3.5)));
        Assert.That(RetryPolicy.Delay(false, failure with { RetryAfter = TimeSpan.FromHours(1) }, 1, 0), Is.EqualTo(TimeSpan.FromSeconds(30)));
    }

    [Test]
    public void Reconciles_are_classified_by_what_they_throw()
    {
        var conflict = new ApiException(HttpStatusCode.Conflict, new() { Reason = "Conflict" }, "PATCH x");
        var exists = new ApiException(HttpStatusCode.Conflict, new() { Reason = "AlreadyExists" }, "POST x");
        Assert.Multiple(() =>
        {
            Assert.That(ReconcileOutcomes.Of(Result.Done), Is.EqualTo(ReconcileOutcome.Done));
            Assert.That(ReconcileOutcomes.Of(Result.After(TimeSpan.FromSeconds(1))), Is.EqualTo(ReconcileOutcome.Requeue));
            Assert.That(ReconcileOutcomes.Of(new OperationCanceledException(), stopping: true, timedOut: false), Is.EqualTo(ReconcileOutcome.Stopped));
            Assert.That(ReconcileOutcomes.Of(new OperationCanceledException(), stopping: false, timedOut: true), Is.EqualTo(ReconcileOutcome.Timeout));
            Assert.That(ReconcileOutcomes.Of(new OperationCanceledException(), stopping: false, timedOut: false), Is.EqualTo(ReconcileOutcome.Error));
            Assert.That(ReconcileOutcomes.Of(conflict, false, false), Is.EqualTo(ReconcileOutcome.Conflict));
            Assert.That(ReconcileOutcomes.Of(exists, false, false), Is.EqualTo(ReconcileOutcome.Conflict));
            Assert.That(ReconcileOutcomes.Of(new TerminalException("no"), false, false), Is.EqualTo(ReconcileOutcome.Terminal));
            Assert.That(ReconcileOutcomes.Of(new InvalidOperationException(), stopping: true, timedOut: true), Is.EqualTo(ReconcileOutcome.Error));
        });
    }
}
