<?php
// A subscriber in PHP, with nothing beside it: php -S 127.0.0.1:$PORT subscriber.php
//
// TOPIC   the address that was subscribed to      SECRET  what was sent as hub.secret

$seen = sys_get_temp_dir() . '/subscriber-' . hash('sha256', getenv('TOPIC')); // A delivery may come twice: the ids are kept.

if ($_SERVER['REQUEST_METHOD'] === 'GET') {
    // The hub asks whether this subscription is wanted: the challenge back says yes, a 404 says no.
    // PHP writes hub.topic as hub_topic.
    if (($_GET['hub_topic'] ?? '') === getenv('TOPIC') && in_array($_GET['hub_mode'] ?? '', ['subscribe', 'unsubscribe'], true)) {
        header('Content-Type: text/plain');
        echo $_GET['hub_challenge'];
    } else {
        http_response_code(404);
    }
    return true;
}

$body = file_get_contents('php://input');
if (!is_signed($body, getenv('SECRET'))) {
    http_response_code(401); // Not from the hub, or not from now: nothing is done with it.
    return true;
}

$known = is_file($seen) ? file($seen, FILE_IGNORE_NEW_LINES) : [];
foreach (array_reverse(json_decode($body, true)['items']) as $item) { // The newest stands first.
    if (!in_array($item['id'], $known, true)) {
        file_put_contents($seen, $item['id'] . "\n", FILE_APPEND | LOCK_EX);
        file_put_contents('php://stdout', $item['title'] . "\n");
    }
}
http_response_code(204); // Only now: what is answered with 2xx is not sent again.
return true;

function is_signed(string $body, string $secret): bool
{
    if (!hash_equals('sha256=' . hash_hmac('sha256', $body, $secret), $_SERVER['HTTP_X_HUB_SIGNATURE'] ?? '')) {
        return false;
    }
    // Standard Webhooks: webhooks of an owner have these headers, and subscribers that asked for hub.signature=standard. If you did, do without these lines.
    if (!isset($_SERVER['HTTP_WEBHOOK_SIGNATURE'])) {
        return true;
    }
    [$id, $sent] = [$_SERVER['HTTP_WEBHOOK_ID'] ?? '', $_SERVER['HTTP_WEBHOOK_TIMESTAMP'] ?? ''];
    if (!ctype_digit($sent) || abs(time() - (int) $sent) > 300) {
        return false; // Overheard, and sent again later.
    }
    $expected = 'v1,' . base64_encode(hash_hmac('sha256', "$id.$sent.$body", $secret, true));
    foreach (explode(' ', $_SERVER['HTTP_WEBHOOK_SIGNATURE']) as $one) {
        if (hash_equals($expected, $one)) {
            return true;
        }
    }
    return false;
}
